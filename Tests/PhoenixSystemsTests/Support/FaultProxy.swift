import FoundationEssentials
import PhoenixCore
import PhoenixNetwork

/// The lab's proxy that misbehaves on demand, before an authority or another server with its certificate.
final class FaultProxy: Sendable {
  let port: Int
  private let directory: TemporaryDirectory
  private let server: Server

  var url: String { "https://127.0.0.1:\(port)" }

  /// Starts a proxy before an authority. It lets everything through.
  convenience init(before authority: StepCAServer) async throws {
    try await self.init(before: "127.0.0.1:\(authority.port)", of: authority)
    let client = HTTPClient()
    let isUp = await eventually {
      let request = HTTPRequest(.get, "\(self.url)/health", timeout: .seconds(2), label: "test")
      let trust = TLSTrust(rootsPEM: authority.root.pem)
      return (try? await client.send(request, trust: trust).status) == 200
    }
    await client.shutdown()
    guard isUp else { throw Trouble("the proxy does not start") }
  }

  /// Starts a proxy before a server on the loopback. It lets everything through, as soon as it is up.
  ///
  /// - Parameters:
  ///   - target: The server's address and port.
  ///   - authority: Whose certificate it shows when it answers by itself.
  ///   - names: What that certificate is for.
  ///   - wanted: The port to listen on; a free one when nil.
  /// - Throws: When it cannot be made.
  init(
    before target: String, of authority: StepCAServer, names: [String] = ["127.0.0.1"], on wanted: Int? = nil
  ) async throws {
    let directory = try TemporaryDirectory()
    self.directory = directory
    let now = WallTime(seconds: Int64(Date().timeIntervalSince1970))
    let stranger = try await StepCAServer.make()
    for (name, signer, end) in [
      ("right", authority, now + .seconds(86_400)), ("wrong-ca", stranger, now + .seconds(86_400)),
      ("expired", authority, now + .seconds(-60)),
    ] {
      let key = try PrivateKey.generate()
      let chain = try await signer.mint(
        names: names, key: key, notBefore: now + .seconds(-3600), notAfter: end)
      try directory.write(chain.pem, to: "c-\(name).pem")
      try key.pem.reveal { try directory.write($0, to: "c-\(name).key") }
    }
    try directory.write("", to: "faults")
    try directory.write("", to: "log")
    // At the last moment: others take free ports, too.
    port = try wanted ?? Server.freePort()
    let root = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    server = Server(
      [
        "/usr/bin/python3", "-B", "/\(root)/Tests/Lab/fault_proxy.py", "--listen", "127.0.0.1:\(port)",
        "--target", target, "--faults", directory.file("faults"), "--log", directory.file("log"),
        "--certs", directory.file("c"),
      ], output: directory.file("output"))
  }

  /// Misbehaves from the next connection on.
  func set(_ mode: String) throws {
    // Put in place whole: the proxy must not read a file that is still empty, which would let a connection through.
    try Data((mode + "\n").utf8).write(to: URL(filePath: directory.file("faults")), options: .atomic)
  }

  /// Answers every request with an HTTP answer of these parts.
  func answer(status: Int, json: String) throws {
    try directory.write(
      "HTTP/1.1 \(status) Said\r\ncontent-type: application/json\r\ncontent-length: \(json.utf8.count)\r\n"
        + "connection: close\r\n\r\n\(json)", to: "answer")
    try set("answer=\(directory.file("answer"))")
  }

  /// What happened at the proxy: `MODE TEXT`.
  var log: [String] {
    ((try? directory.text("log")) ?? "").split(separator: "\n").map { line in
      line.split(separator: "\t").dropFirst().joined(separator: " ")
    }
  }
}
