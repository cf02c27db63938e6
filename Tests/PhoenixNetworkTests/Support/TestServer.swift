import FoundationEssentials
import Glibc
import PhoenixCore
import PhoenixHost
import PhoenixNetwork

/// Fixtures/server.py, running for one test.
struct TestServer: Sendable {
  /// How it listens.
  struct Options: Sendable {
    var identity: TLSIdentity?
    /// PEM of the authority whose client certificates it asks for.
    var clientAuthority: String?
    var tls12Only = false
    var isUnix = false
    /// What it answers as the root of a Step-CA.
    var rootAnswer: String?
  }

  let port: UInt16
  let unixSocket: String?
  /// The address up to the path.
  let base: String

  /// Runs a server while `use` does.
  static func with<Result>(
    _ options: Options = Options(), _ use: (TestServer) async throws -> Result
  ) async throws -> Result {
    try await Scratch.with { path in
      let script =
        "\(#filePath.split(separator: "/").dropLast(2).reduce("") { "\($0)/\($1)" })/Fixtures/server.py"
      var argv = ["/usr/bin/python3", script, "--ready", "\(path)/ready"]
      if let identity = options.identity {
        try Scratch.write(identity.certificateChainPEM, to: "\(path)/chain.pem")
        try identity.keyPEM.reveal { try Scratch.write($0, to: "\(path)/key.pem") }
        argv += ["--certificate", "\(path)/chain.pem", "--key", "\(path)/key.pem"]
      }
      if let authority = options.clientAuthority {
        try Scratch.write(authority, to: "\(path)/clients.pem")
        argv += ["--client-ca", "\(path)/clients.pem"]
      }
      if let answer = options.rootAnswer {
        try Scratch.write(answer, to: "\(path)/root.pem")
        argv += ["--root-answer", "\(path)/root.pem"]
      }
      if options.tls12Only { argv.append("--tls12") }
      if options.isUnix { argv += ["--unix", "\(path)/socket"] }
      let command = ProcessCommand(argv, timeout: .seconds(120), grace: .zero)
      let process = Task { try await Processes.run(command) }
      defer { process.cancel() }
      let port = try await waitForPort(in: "\(path)/ready")
      let scheme = options.identity == nil ? "http" : "https"
      return try await use(
        TestServer(
          port: port, unixSocket: options.isUnix ? "\(path)/socket" : nil,
          base: "\(scheme)://127.0.0.1:\(port)"))
    }
  }

  /// Runs `openssl s_server`, on a port that was free a moment ago.
  static func withOpenSSL<Result>(
    _ identity: TLSIdentity, _ use: (UInt16) async throws -> Result
  ) async throws -> Result {
    try await Scratch.with { path in
      try Scratch.write(identity.certificateChainPEM, to: "\(path)/chain.pem")
      try identity.keyPEM.reveal { try Scratch.write($0, to: "\(path)/key.pem") }
      let (descriptor, port) = try RawSocket.silentListener()
      close(descriptor)
      let argv = [
        "/usr/bin/openssl", "s_server", "-accept", "127.0.0.1:\(port)", "-cert", "\(path)/chain.pem",
        "-cert_chain",
        "\(path)/chain.pem", "-key", "\(path)/key.pem", "-www",
      ]
      let process = Task {
        try await Processes.run(ProcessCommand(argv, timeout: .seconds(60), grace: .zero))
      }
      defer { process.cancel() }
      for _ in 0..<500 {
        let target = TLSProbe.Target(address: "127.0.0.1", port: port, serverName: "localhost")
        if (try? await TLSProbe.handshake(target, trust: TLSTrust(rootsPEM: ""))) != nil { break }
        try await Task.sleep(for: .milliseconds(20))
      }
      return try await use(port)
    }
  }

  private static func waitForPort(in path: String) async throws -> UInt16 {
    for _ in 0..<2000 {
      if let port = Scratch.read(path).flatMap({ UInt16($0) }) { return port }
      try await Task.sleep(for: .milliseconds(10))
    }
    throw Trouble("the test server does not listen")
  }

  /// What it has counted; asking for it counts too.
  struct Counts: Decodable {
    let accepted: Int
    let requests: Int
    /// Requests that it lets wait.
    let slow: Int
  }

  /// What it has counted so far.
  func counts(by client: HTTPClient = HTTPClient()) async throws -> Counts {
    try JSONDecoder().decode(Counts.self, from: Data(try await client.send(get("/counts")).body))
  }

  /// Waits until as many requests as this wait for an answer.
  func waitForSlow(_ count: Int) async throws {
    for _ in 0..<2000 {
      if try await counts().slow >= count { return }
      try await Task.sleep(for: .milliseconds(10))
    }
    throw Trouble("\(count) requests did not arrive")
  }

  /// A `GET` of one of its paths.
  func get(
    _ path: String, timeout: Duration = .seconds(20), maximumBodyBytes: Int = 16 << 20
  ) -> HTTPRequest {
    HTTPRequest(.get, base + path, timeout: timeout, maximumBodyBytes: maximumBodyBytes, label: "test")
  }
}
