import FoundationEssentials
import PhoenixCore
import PhoenixNetwork

/// The lab's proxy that misbehaves on demand, before an authority.
final class FaultProxy: Sendable {
  let port: Int
  private let directory: TemporaryDirectory
  private let server: Server

  var url: String { "https://127.0.0.1:\(port)" }

  /// Starts a proxy that lets everything through.
  init(before authority: StepCAServer) async throws {
    let directory = try TemporaryDirectory()
    self.directory = directory
    let port = try Server.freePort()
    self.port = port
    // It shows a certificate of the same authority when it answers by itself.
    let key = try PrivateKey.generate()
    let chain = try await authority.mint(names: ["127.0.0.1"], key: key)
    try directory.write(chain.pem, to: "c-right.pem")
    try key.pem.reveal { try directory.write($0, to: "c-right.key") }
    try directory.write("", to: "faults")
    try directory.write("", to: "log")
    let root = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    server = Server(
      [
        "/usr/bin/python3", "-B", "/\(root)/Tests/Lab/fault_proxy.py", "--listen", "127.0.0.1:\(port)",
        "--target",
        "127.0.0.1:\(authority.port)", "--faults", directory.file("faults"), "--log", directory.file("log"),
        "--certs", directory.file("c"),
      ], output: directory.file("output"))
    let client = HTTPClient()
    let isUp = await eventually {
      let request = HTTPRequest(.get, "https://127.0.0.1:\(port)/health", timeout: .seconds(2), label: "test")
      let trust = TLSTrust(rootsPEM: authority.root.pem)
      return (try? await client.send(request, trust: trust).status) == 200
    }
    await client.shutdown()
    guard isUp else { throw Trouble("the proxy does not start") }
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
