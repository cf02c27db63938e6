import PhoenixCore
import PhoenixNetwork
import Testing

@testable import PhoenixSystems

/// A manager behind TLS and the lab's proxy: what the way to it can do, and what phoenixd shows there.
@Suite(
  "When the way to a manager fails", .enabled(if: Programs.exist("python3", "openssl")),
  .timeLimit(.minutes(3)))
struct SwarmFaultTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    /// A part of the reason that people read.
    let words: String

    init(_ mode: String, _ words: String) {
      testDescription = mode
      self.words = words
    }
  }

  static let cases = [
    Case("refuse", "Failed to connect"), Case("hang", "within 2.0 seconds"),
    Case("slow=10", "within 2.0 seconds"),
    Case("status500", "status 500"), Case("garbage", "an Api-Version"), Case("half", "for the version"),
    Case("wrong-ca", "certificate"), Case("expired", "expired"), Case("reset", "among them?"),
  ]

  @Test(
    "It is unreadable, with the reason, nothing is wanted, and it is read again afterwards", arguments: cases)
  func fault(testCase: Case) async throws {
    let stand = try await DockerStand()
    let proxy = try await FaultProxy(before: stand.port, of: stand.authority)
    let desired = FakeSwarm.desired(proxy.url)
    func look() async -> Swarm.Observed {
      var limits = Swarm.Limits()
      limits.request = .seconds(2)
      // A client of its own each time: a kept connection would go on past the fault.
      let client = HTTPClient()
      let system = Swarm(client: client, identity: stand.identity, limits: limits)
      let observed = await system.observe(.everything, desired: desired)
      await client.shutdown()
      return observed
    }
    #expect(await eventually { await Swarm.health(of: look()) == .readable })
    try proxy.set(testCase.testDescription)
    var reason: String?
    #expect(
      await eventually {
        reason = await look().manager.unreadableReason
        return reason?.contains(testCase.words) == true
      }, "\(reason ?? "readable")")
    let observed = await look()
    #expect(observed.words == [])
    #expect(observed.servers(FakeSwarm.echo, 8080)?.unreadableReason != nil)
    #expect(!proxy.log.contains { $0.hasSuffix("accepted") }, "a certificate that must not be trusted was")
    try proxy.set("pass")
    #expect(await eventually { await Swarm.health(of: look()) == .readable })
  }

  @Test(
    "Without a certificate, or with another authority's, a manager tells nothing, and the reason asks for it")
  func notLetIn() async throws {
    let stand = try await DockerStand()
    let stranger = try await StepCAServer.make()
    let key = try PrivateKey.generate()
    let chain = try await stranger.mint(names: ["phoenix-client.internal.example"], key: key)
    let system = Swarm(
      client: HTTPClient(),
      identity: { _ in
        (
          TLSIdentity(certificateChainPEM: chain.pem, keyPEM: key.pem),
          TLSTrust(rootsPEM: stand.authority.root.pem)
        )
      })
    let look = await system.observe(
      .everything, desired: FakeSwarm.desired("https://127.0.0.1:\(stand.port)"))
    #expect(look.manager.unreadableReason != nil)
    #expect(look.words == [])
  }
}

/// A manager's API with a certificate of an authority of its own, which lets in that authority's clients.
final class DockerStand: Sendable {
  let authority: StepCAServer
  let port: Int
  private let directory: TemporaryDirectory
  private let server: Server
  private let own: TLSIdentity

  /// What phoenixd shows and trusts.
  var identity: Swarm.Identity {
    let (own, root) = (own, authority.root.pem)
    return { _ in (own, TLSTrust(rootsPEM: root)) }
  }

  init() async throws {
    let authority = try await StepCAServer.make()
    self.authority = authority
    let directory = try TemporaryDirectory()
    self.directory = directory
    let key = try PrivateKey.generate()
    try await directory.write(authority.mint(names: ["127.0.0.1"], key: key).pem, to: "server.pem")
    try key.pem.reveal { try directory.write($0, to: "server.key") }
    try directory.write(authority.root.pem, to: "root.pem")
    let ownKey = try PrivateKey.generate()
    own = TLSIdentity(
      certificateChainPEM: try await authority.mint(names: ["phoenix-client.internal.example"], key: ownKey)
        .pem,
      keyPEM: ownKey.pem)
    port = try Server.freePort()
    let fixtures = "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/") + "/Fixtures"
    server = Server(
      [
        "/usr/bin/python3", "-B", "\(fixtures)/docker.py", "\(port)", "\(fixtures)/docker",
        directory.file("server.pem"), directory.file("server.key"), directory.file("root.pem"),
      ], output: directory.file("output"))
  }
}
