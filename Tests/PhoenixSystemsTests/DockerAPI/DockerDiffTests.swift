import PhoenixCore
import Testing

@testable import PhoenixSystems

@Suite("What the Docker API needs")
struct DockerDiffTests {
  typealias Fixtures = DockerFixtures

  func changes(_ observed: DockerAPI.Observed, _ facts: [FactKey: Reading<FactValue>]? = nil)
    -> [Change]
  {
    DockerAPI.diff(
      desired: Fixtures.desired, observed: observed, facts: Facts(facts ?? Fixtures.facts()),
      now: CertificateFixtures.now)
  }

  func node(_ change: (inout DockerAPI.NodeState) -> Void) -> DockerAPI.Observed {
    var observed = Fixtures.right
    guard var state = observed.nodes[1001]?.value else { return observed }
    change(&state)
    observed.nodes[1001] = .known(state)
    return observed
  }

  func door(_ change: (inout DockerAPI.DoorState) -> Void) -> DockerAPI.Observed {
    var observed = Fixtures.right
    guard var state = observed.doors[1001]?.value else { return observed }
    change(&state)
    observed.doors[1001] = .known(state)
    return observed
  }

  func findings(_ observed: DockerAPI.Observed) -> [Finding] {
    DockerAPI.findings(desired: Fixtures.desired, observed: observed)
  }

  @Test("What is right needs nothing and tells nothing")
  func nothing() {
    #expect(changes(Fixtures.right).isEmpty)
    #expect(findings(Fixtures.right).isEmpty)
  }

  @Test("The example's nodes and clients")
  func compile() {
    let compiled = LawExample.compile(DockerAPI.self)
    #expect(
      compiled.resources.map { "\($0.id) <- \($0.requires.map(\.description).joined(separator: ", "))" } == [
        "docker-api/engine/1001 <- ", "docker-api/engine/1002 <- ",
        "docker-api/proxy/1001 <- certificates/certificate/docker-daemon.internal.example",
        "docker-api/served/1001 <- docker-api/proxy/1001, certificates/certificate/docker-daemon.internal.example",
      ])
    #expect(compiled.findings.isEmpty)
    #expect(
      compiled.desired.clients.map(\.name) == [
        "phoenix-client.internal.example", "portainer-client.internal.example",
        "traefik-client.internal.example",
      ])
    // Beside Traefik's client, where the firewall lets packets through to the door.
    #expect(compiled.desired.stranger?.home?.login.guest == 102)
    #expect(compiled.desired.doors[1001]?.rootPath == "/etc/phoenix-docker/tls/root.crt")
  }
}
