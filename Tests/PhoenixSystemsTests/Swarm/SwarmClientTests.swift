import PhoenixCore
import PhoenixNetwork
import Testing

@testable import PhoenixSystems

@Suite("Whom a manager tells something", .enabled(if: Programs.exist("python3", "openssl")))
struct SwarmClientTests {
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
