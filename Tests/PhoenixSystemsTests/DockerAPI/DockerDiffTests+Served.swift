import PhoenixCore
import Testing

@testable import PhoenixSystems

/// What the proxy shows, and to whom.
extension DockerDiffTests {
  @Test("What is served is compared with what was delivered")
  func served() {
    #expect(
      changes(door { $0.fingerprints = ["other"] }).map(\.reason) == [
        "another certificate is served than was delivered"
      ])
    #expect(changes(door { $0.fingerprints = ["served", "other"] }).count == 1)
    #expect(changes(node { $0.proxy?.refused = "g2" }).map { $0.fields.map(\.field) } == [["generation"]])
    var facts = Fixtures.facts()
    facts[FactKey("certificate.fingerprint", of: "docker-daemon.internal.example")] = .unreadable("no route")
    #expect(changes(door { $0.fingerprints = ["other"] }, facts).isEmpty)
  }

  private func changes(_ observed: DockerAPI.Observed, _ facts: [FactKey: Reading<FactValue>]) -> [Change] {
    changes(observed, Optional(facts))
  }

  @Test("Whoever gets in and should not is an error, and the door not ready")
  func exposures() {
    let wrong: [(String, (inout DockerAPI.DoorState) -> Void)] = [
      ("answers without a client certificate", { $0.nobody = [.closed, .answered(200)] }),
      (
        "answers gateway, which is not declared for it", { $0.stranger?.answers = [.answered(200), .closed] }
      ),
      ("answers without TLS (with HTTP status 400)", { $0.plaintext = .answered(400) }),
    ]
    for (message, change) in wrong {
      let observed = door(change)
      let findings = findings(observed)
      #expect(findings.map(\.severity) == [.error], "\(message)")
      #expect(findings.first?.message.contains(message) == true, "\(findings)")
      #expect(ready("served", observed) == .notReady(findings.first?.message ?? ""))
    }
  }

  @Test(
    "A port without TLS that answers from outside is an error, and the door not ready",
    arguments: [
      (.answered(200), "answers everybody on 10.0.0.111:2375, without TLS"),
      (.answered(404), "10.0.0.111:2375 of Portainer is open"),
      (.closed, "10.0.0.111:2375 of Portainer is open"),
      (.unreachable("refused"), nil), (.untried("no route"), nil),
    ] as [(ProbeAnswer, String?)])
  func plainPorts(answer: ProbeAnswer, message: String?) {
    var observed = Fixtures.right
    observed.plainPorts[1001] = ["10.0.0.111": answer]
    let found = findings(observed)
    #expect(found.map(\.severity) == (message == nil ? [] : [.error]))
    #expect(found.first?.resource?.description == message.map { _ in "docker-api/engine/1001" })
    #expect(found.first?.message.contains(message ?? "") != false)
    #expect(ready("served", observed) == (found.first.map { .notReady($0.message) } ?? .ready))
    // A worker, which has no door, and of which nothing else could be seen.
    observed.doors = [:]
    observed.nodes = [1001: .unreadable("no route")]
    #expect(findings(observed) == found)
  }

  @Test("A declared client that does not get in is a warning; one that could not be tried is a note")
  func refusedClients() {
    let refused = door { $0.clients[Fixtures.traefikName]?.answers = [.closed, .closed] }
    #expect(findings(refused).map(\.severity) == [.warning])
    let untried = door {
      $0.clients[Fixtures.traefikName]?.answers = [.untried("no curl"), .untried("no curl")]
    }
    #expect(findings(untried).map(\.severity) == [.note])
    #expect(findings(refused).first?.hint?.contains("explain proxmox/firewall/1001") == true)
    let stopped = door {
      $0.fingerprints = []
      $0.clients[Fixtures.traefikName]?.answers = [.unreachable("nobody listens there")]
    }
    #expect(findings(stopped).map(\.hint) == [nil], "the firewall has nothing to do with it")
    let own = door { $0.clients[Fixtures.ownName]?.answers = [.closed] }
    guard case .notReady = ready("served", own) else {
      Issue.record("it is ready")
      return
    }
    let filtered = door {
      $0.stranger?.answers = [.unreachable("no answer in time"), .unreachable("no answer in time")]
    }
    #expect(findings(filtered).map(\.severity) == [.note])
  }

  func ready(_ kind: String, _ observed: DockerAPI.Observed) -> Readiness {
    DockerAPI.ready(ResourceID(.dockerAPI, kind, "1001"), desired: Fixtures.desired, observed: observed)
  }
}
