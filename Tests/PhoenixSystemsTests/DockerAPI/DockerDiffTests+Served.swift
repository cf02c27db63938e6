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
      ("answers everybody on 10.0.0.111:2375", { $0.plainPort["10.0.0.111"] = .answered(200) }),
      ("10.0.0.111:2375 of Portainer is open", { $0.plainPort["10.0.0.111"] = .closed }),
    ]
    for (message, change) in wrong {
      let observed = door(change)
      let findings = findings(observed)
      #expect(findings.map(\.severity) == [.error], "\(message)")
      #expect(findings.first?.message.contains(message) == true, "\(findings)")
      #expect(ready("served", observed) == .notReady(findings.first?.message ?? ""))
    }
  }

  @Test("A declared client that does not get in is a warning; one that could not be tried is a note")
  func refusedClients() {
    let refused = door { $0.clients[Fixtures.traefikName]?.answers = [.closed, .closed] }
    #expect(findings(refused).map(\.severity) == [.warning])
    let untried = door {
      $0.clients[Fixtures.traefikName]?.answers = [.untried("no curl"), .untried("no curl")]
    }
    #expect(findings(untried).map(\.severity) == [.note])
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
