import FoundationEssentials
import PhoenixCore
import PhoenixNetwork
import Testing

@testable import PhoenixSystems

/// What passes through nginx itself, to a stand-in for Traefik that lets nobody in without a certificate.
@Suite(
  "Requests through the gateway", .enabled(if: GatewayWorld.Kind.available.contains(.real)), .serialized,
  .timeLimit(.minutes(5)))
struct NginxTrafficTests {
  private let world: GatewayWorld

  init() async throws {
    world = try await GatewayWorld(.real)
    try world.directory.write(world.world.authority.root.pem, to: "root.pem")
    try await world.deliver()
    try await world.settle()
  }

  /// Traefik's entry point, with a certificate for this name.
  private func mesh(_ name: String = "traefik.internal.example") async throws -> Server {
    let key = try PrivateKey.generate()
    let chain = try await world.world.authority.mint(names: [name], key: key)
    try world.directory.write(chain.pem, to: "mesh.pem")
    try key.pem.reveal { try world.directory.write($0, to: "mesh.key") }
    let root = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
    let server = Server(
      [
        "/usr/bin/python3", "-B", "/\(root)/Fixtures/mesh.py", String(world.meshPort),
        world.directory.file("mesh.pem"), world.directory.file("mesh.key"), world.directory.file("root.pem"),
      ], output: world.directory.file("mesh.log"))
    let isUp = await eventually {
      (try? await Programs.run(["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/\(world.meshPort)"])) != nil
    }
    guard isUp else { throw Trouble("the stand-in does not start") }
    return server
  }

  private func curl(_ host: String, _ path: String, _ more: String...) async throws -> String {
    try await Programs.run(
      [
        "curl", "-sS", "--max-time", "20", "--cacert", world.directory.file("root.pem"), "--connect-to",
        "::127.0.0.1:\(world.port)", "https://\(host)\(path)",
      ] + more)
  }

  private func fails(_ host: String, _ path: String, _ more: String...) async -> Bool {
    let argv =
      [
        "curl", "-sS", "--max-time", "20", "--cacert", world.directory.file("root.pem"), "--connect-to",
        "::127.0.0.1:\(world.port)", "https://\(host)\(path)",
      ] + more
    return (try? await Programs.run(argv)) == nil
  }

  @Test("A request goes on with mutual TLS, and Traefik is told the truth about its client")
  func passedOn() async throws {
    let mesh = try await mesh()
    let said = try await curl(
      "www.internal.example", "/a/b?c=d", "-H", "X-Forwarded-For: 6.6.6.6", "-H", "X-Forwarded-Proto: http",
      "-H",
      "X-Real-IP: 6.6.6.6", "-H", "Forwarded: for=6.6.6.6", "-H", "X-Forwarded-Host: evil.example")
    let lines = said.split(separator: "\n").map { $0.lowercased() }
    #expect(lines.contains("client nginx-gateway-client.internal.example"))
    #expect(lines.contains("get /a/b?c=d http/1.1"))
    #expect(lines.contains("host: www.internal.example"))
    #expect(lines.contains("x-forwarded-for: 127.0.0.1") && lines.contains("x-real-ip: 127.0.0.1"))
    #expect(
      lines.contains("x-forwarded-proto: https") && lines.contains("x-forwarded-host: www.internal.example"))
    #expect(!said.contains("6.6.6.6") && !said.contains("evil"))
    #expect(!lines.contains { $0.hasPrefix("upgrade:") || $0.hasPrefix("connection: upgrade") })
    #expect(try await curl("www.internal.example", "/", "-o", "/dev/null", "-w", "%{http_version}") == "2")
    #expect(
      await world.look().answers == [
        "nginx.internal.example": .status(200), "www.internal.example": .status(200),
      ])
    await mesh.stop()
  }

  @Test("Uploads of any size pass, and upgraded connections both ways")
  func uploadsAndUpgrades() async throws {
    let mesh = try await mesh()
    try world.directory.write(String(repeating: "x", count: 8 << 20), to: "body")
    #expect(
      try await curl("www.internal.example", "/", "--data-binary", "@\(world.directory.file("body"))")
        .contains("length \(8 << 20)\n"))
    let script = """
      import socket, ssl, sys
      context = ssl.create_default_context(cafile=sys.argv[2])
      s = context.wrap_socket(socket.create_connection(('127.0.0.1', int(sys.argv[1])), 10), server_hostname='www.internal.example')
      s.sendall(b'GET /socket HTTP/1.1\\r\\nHost: www.internal.example\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\n\\r\\n')
      head = b''
      while b'\\r\\n\\r\\n' not in head:
          head += s.recv(1)
      s.sendall(b'ping')
      print(head.split(b' ')[1].decode(), s.recv(4).decode())
      """
    let said = try await Programs.run([
      "/usr/bin/python3", "-c", script, String(world.port), world.directory.file("root.pem"),
    ])
    #expect(said == "101 ping\n")
    await mesh.stop()
  }

  @Test("Headers, redirects, and what is nobody's")
  func edges() async throws {
    let head = try await curl("nginx.internal.example", "/.well-known/phoenix", "-i")
    #expect(head.lowercased().contains("strict-transport-security: max-age=31536000"))
    #expect(head.hasSuffix("\r\n\r\nphoenix\n"))
    #expect(try await curl("nginx.internal.example", "/", "-o", "/dev/null", "-w", "%{http_code}") == "404")
    // Also on what nginx answers for others.
    #expect(
      try await curl("www.internal.example", "/", "-i").lowercased().contains("strict-transport-security"))
    // Nobody's name: no certificate, and no answer behind another one's.
    #expect(await fails("nobody.internal.example", "/", "-k"))
    #expect(await fails("www.internal.example", "/", "-H", "Host: nobody.internal.example", "--http1.1"))
    #expect(await fails("127.0.0.1", "/", "-k"))

    let plain = ["curl", "-sS", "--max-time", "20", "-i", "http://127.0.0.1:\(world.httpPort)/a?b=c", "-H"]
    let redirect = try await Programs.run(plain + ["Host: www.internal.example"])
    #expect(
      redirect.contains(" 301 ") && redirect.contains("Location: https://www.internal.example/a?b=c\r\n"))
    await #expect(throws: Trouble.self) { try await Programs.run(plain + ["Host: nobody.internal.example"]) }
  }

  @Test("The hash is told to this machine only")
  func hash() async throws {
    let url = "http://127.0.0.1:\(world.httpPort)/.well-known/phoenix-config"
    let question = ["curl", "-sS", "-i", "--max-time", "20", url, "-H", "Host: phoenix-gateway.invalid"]
    let hash = await world.file().hash
    #expect(try await Programs.run(question).contains("X-Phoenix-Config: \(hash)\r\n"))
    let refused = try await Programs.run(question + ["--interface", "127.0.0.2"])
    #expect(refused.contains(" 403 ") && !refused.contains(hash))
  }

  @Test("What does not come through is told, and nothing is changed")
  func findings() async throws {
    func messages() async -> [String] {
      Nginx.findings(desired: world.desired, observed: await world.look()).map(\.message)
    }
    #expect(
      await messages().map { $0.prefix(62) } == [
        "www.internal.example answers 502 through the gateway: Traefik "
      ])
    #expect(await world.changes().isEmpty)
    // A server that is not Traefik is not believed.
    let other = try await mesh("other.internal.example")
    #expect(await messages().count == 1)
    await other.stop()
    let mesh = try await mesh()
    #expect(await messages() == [])
    await mesh.stop()
  }

  @Test("Traefik is shown the client certificate that was delivered last")
  func renewedClient() async throws {
    let mesh = try await mesh()
    let new = try await world.deliver(world.client)
    try await world.settle()
    let said = try await curl("www.internal.example", "/")
    #expect(said.lowercased().contains("serial \(new.serial.lowercased())\n"), "\(new.serial) \(said)")
    await mesh.stop()
  }

  /// Until this many renewals are over; PHOENIX_RENEWALS says another number.
  private static let renewals =
    ProcessInfo.processInfo.environment["PHOENIX_RENEWALS"].flatMap { Int($0) } ?? 5

  @Test("Renewals in a row under load lose no request")
  func renewedUnderLoad() async throws {
    let root = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
    let directory = world.directory
    let load = Server(
      [
        "/usr/bin/python3", "-B", "/\(root)/Fixtures/load.py", String(world.port), "nginx.internal.example",
        "/.well-known/phoenix", directory.file("root.pem"), directory.file("end"),
      ], output: directory.file("load.log"))
    for _ in 0..<Self.renewals {
      let leaf = try await world.deliver()
      try await world.settle()
      #expect(await world.serves(leaf))
    }
    try directory.write("", to: "end")
    var counts: [Int] = []
    _ = await eventually {
      let said = (try? directory.text("load.log")) ?? ""
      counts = said.split(separator: "\n").last?.split(separator: " ").compactMap { Int($0) } ?? []
      return counts.count == 3
    }
    await load.stop()
    #expect(
      counts.count == 3 && counts[0] > Self.renewals && counts[1] == 0,
      "answered, lost, asked again: \(counts)")
  }
}
