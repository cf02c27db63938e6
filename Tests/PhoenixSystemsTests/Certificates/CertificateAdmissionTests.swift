import PhoenixCore
import Testing

@testable import PhoenixSystems

/// A client's new certificate, which the doors must know before it is used.
@Suite("What client certificates need of the doors they open")
struct CertificateAdmissionTests {
  private typealias Fixtures = CertificateFixtures
  typealias Leaf = Certificates.Leaf
  typealias Step = CertificateNeed.Step

  /// What a door says; nil for one that cannot be read.
  typealias Door = [String]?

  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let step: Step
    var later: Int64
    var issued: Leaf?
    var doors: [Door]
    var renewal: String?
    let spoil: @Sendable (inout Certificates.Place) -> Void

    init(
      _ description: String, _ step: Step, later: Int64 = 57_700,
      issued: Leaf? = CertificateFixtures.successor,
      doors: [Door] = [["a1"], ["a1"]], renewal: String? = nil,
      _ spoil: @escaping @Sendable (inout Certificates.Place) -> Void = { _ in }
    ) {
      testDescription = description
      self.step = step
      self.later = later
      self.issued = issued
      self.doors = doors
      self.renewal = renewal
      self.spoil = spoil
    }
  }

  private static func newer(_ change: (inout Leaf) -> Void) -> Leaf {
    var leaf = Fixtures.successor
    change(&leaf)
    return leaf
  }

  static let cases: [Case] = [
    Case("before its time", .nothing, later: 0, issued: CertificateFixtures.leaf),
    Case("due, and nothing newer is there", .issue, issued: CertificateFixtures.leaf),
    Case("due, and the state directory was lost", .issue, issued: nil),
    Case("due, and the new one is known nowhere", .nothing),
    Case("due, and the new one is known at one of two doors", .nothing, doors: [["a1", "a2"], ["a1"]]),
    Case("known at both", .deliver(CertificateFixtures.successor), doors: [["a1", "a2"], ["a1", "a2"]]),
    Case(
      "known at both, which the old one is not", .deliver(CertificateFixtures.successor),
      doors: [["a2"], ["a2"]]),
    Case("one door cannot be read", .nothing, doors: [["a1", "a2"], nil]),
    Case("neither can", .nothing, doors: [nil, nil]),
    Case("about to expire while it waits", .replace, later: 82_100),
    Case("about to expire, and no door can be read", .replace, later: 82_100, doors: [nil, nil]),
    Case("expired while it waits", .replace, later: 86_400),
    Case(
      "the one that waits is due itself", .issue, issued: newer { $0.notAfter = $0.notBefore + .seconds(120) }
    ),
    Case(
      "the one that waits has expired", .issue,
      issued: newer { $0.notAfter = CertificateFixtures.now + .seconds(57_650) }),
    Case("the one that waits has other names", .issue, issued: newer { $0.names = ["other.example"] }),
    Case("the one that waits is another authority's", .issue, issued: newer { $0.rootSHA256 = "other" }),
    Case("its names changed: it works on", .issue, later: 0, issued: CertificateFixtures.leaf) {
      $0.leaf?.names = ["old.example"]
    },
    Case("its names changed, and the new one waits", .nothing) { $0.leaf?.names = ["old.example"] },
    Case("asked for", .issue, later: 0, issued: CertificateFixtures.leaf, renewal: "f1"),
    Case("asked for, and the new one waits", .nothing, renewal: "f1"),
    Case(
      "asked for, and known", .deliver(CertificateFixtures.successor), doors: [["a2"], ["a2"]], renewal: "f1"),
    Case("asked for and granted", .nothing, issued: CertificateFixtures.leaf, renewal: "f0") {
      $0.leaf?.notAfter = CertificateFixtures.now + .seconds(200_000)
    },
    Case(
      "another one lies ready, and nothing is wrong", .nothing, later: 0,
      doors: [["a1", "a2"], ["a1", "a2"]]),
    Case("missing", .replace) { $0 = Certificates.Place(certificate: .absent, key: .absent, root: .absent) },
    Case("garbage in its place", .replace) { $0.leaf = nil },
    Case("the key of another", .replace) { $0.keySHA256 = "k2" },
    Case("no client's", .replace) { $0.leaf?.uses = ["serverAuth"] },
    Case("another authority's", .replace) { $0.leaf?.rootSHA256 = "other" },
    Case("not valid yet", .replace, later: 0) {
      $0.leaf?.notBefore = CertificateFixtures.now + .seconds(600)
    },
  ]

  private func facts(_ doors: [Door]) -> Facts {
    var facts = Fixtures.facts()
    for (key, door) in zip(Fixtures.doors, doors) {
      facts.publish([key: door.map { .known(.list($0)) } ?? .unreadable("no route")])
    }
    return facts
  }

  private func observed(_ state: Certificates.Place, _ issued: Leaf?) -> Certificates.Observed {
    var observed = Fixtures.observed(state)
    observed.kept[Fixtures.place.name] = .known(Certificates.Kept(issued: issued, delivered: Fixtures.leaf))
    return observed
  }

  private var desired: Certificates.Desired {
    var desired = Fixtures.desired
    desired.certificates[Fixtures.place.name] = Fixtures.client
    return desired
  }

  private func need(
    _ state: Certificates.Place, of wanted: Certificates.DesiredCertificate = CertificateFixtures.client,
    issued: Leaf?, doors: [Door], renewal: String? = nil, later: Int64
  ) -> CertificateNeed {
    CertificateNeed(
      wanted, state, kept: Certificates.Kept(issued: issued, delivered: Fixtures.leaf),
      authority: Certificates.authority(desired, facts(doors)), admission: Admission(wanted, facts(doors)),
      renewal: renewal, now: Fixtures.now + .seconds(later))
  }

  @Test("A client that works waits for its doors, and one that does not waits for nobody", arguments: cases)
  func step(of example: Case) {
    var state = Fixtures.state
    example.spoil(&state)
    let need = need(
      state, issued: example.issued, doors: example.doors, renewal: example.renewal, later: example.later)
    #expect(need.step == example.step)
    var observed = observed(state, example.issued)
    observed.renewals[Fixtures.place.name] = example.renewal
    let changes = Certificates.diff(
      desired: desired, observed: observed, facts: facts(example.doors),
      now: Fixtures.now + .seconds(example.later))
    #expect(changes.isEmpty == (example.step == .nothing))
    if case .deliver(let leaf) = example.step {
      #expect(changes.first?.reason.contains("admitted, to be delivered") == true)
      #expect(changes.first?.fields.first { $0.field == "not_after" }?.to == .text(leaf.notAfter.utcText))
    }
  }

  @Test("Who opens no door is served as before", arguments: [57_700, 82_100, 86_400])
  func withoutDoors(later: Int64) {
    let need = need(
      Fixtures.state, of: Fixtures.wanted, issued: Fixtures.successor, doors: [], later: later)
    #expect(need.step == .replace)
  }

  @Test("While it waits its files are put right all the same")
  func unsettled() {
    var state = Fixtures.state
    state.key = Fixtures.file("key.pem", mode: 0o644)
    let changes = Certificates.diff(
      desired: desired, observed: observed(state, Fixtures.successor), facts: facts([["a1"], ["a1"]]),
      now: Fixtures.now + .seconds(57_700))
    #expect(changes.map { $0.fields.map(\.field) } == [["key_path permissions"]])
  }

  @Test("What cannot be read of the state directory changes nothing, and is told")
  func unreadable() {
    var observed = observed(Fixtures.state, nil)
    observed.kept[Fixtures.place.name] = .unreadable("no disk")
    let changes = Certificates.diff(
      desired: desired, observed: observed, facts: facts([["a1"], ["a1"]]),
      now: Fixtures.now + .seconds(57_700))
    #expect(changes.isEmpty)
    #expect(Certificates.health(of: observed) == .partly("nginx.internal.example: no disk"))
    let fact = Certificates.facts(of: observed)[.clientFingerprints(Fixtures.place.name)]
    #expect(fact == .unreadable("no disk"))
  }

  struct Loss: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let doors: [Door]
    var later: Int64 = 57_700
    var issued: Leaf? = CertificateFixtures.successor
    let chosen: String?
  }

  @Test(
    "Whose files are lost while its successor waits gets back the newest that is known, at once",
    arguments: [
      Loss(testDescription: "the old one is known", doors: [["a1"], ["a1"]], chosen: "f1"),
      Loss(testDescription: "the new one at one door", doors: [["a1", "a2"], ["a1"]], chosen: "f1"),
      Loss(testDescription: "both are", doors: [["a1", "a2"], ["a1", "a2"]], chosen: "f2"),
      Loss(testDescription: "neither is", doors: [[], []], chosen: "f2"),
      Loss(testDescription: "nobody can say", doors: [nil, nil], chosen: "f2"),
      Loss(
        testDescription: "the old one is about to expire", doors: [["a1"], ["a1"]], later: 82_100,
        chosen: "f2"),
      Loss(testDescription: "nothing newer waits", doors: [["a1"], ["a1"]], issued: nil, chosen: nil),
      Loss(testDescription: "it is not due", doors: [["a1"], ["a1"]], later: 0, issued: nil, chosen: "f1"),
    ])
  func lost(loss: Loss) {
    let nothing = Certificates.Place(certificate: .absent, key: .absent, root: .absent)
    let need = need(nothing, issued: loss.issued, doors: loss.doors, later: loss.later)
    #expect(need.step == .replace)
    let kept = [loss.issued, Fixtures.leaf].compactMap { $0 }
    #expect(need.choice(among: kept)?.fingerprint == loss.chosen)
  }

  @Test("The doors are told of the leaf in use, then of the one that waits")
  func published() {
    func leaves(_ state: Certificates.Place, _ issued: Leaf?) -> [Reading<FactValue>?] {
      let facts = Certificates.facts(of: observed(state, issued))
      return [facts[.clientFingerprints(Fixtures.place.name)], facts[.clientLeaves(Fixtures.place.name)]]
    }
    let both: [Reading<FactValue>?] = [.known(.list(["a1", "a2"])), .known(.list(["pem 1", "pem 2"]))]
    #expect(leaves(Fixtures.state, Fixtures.leaf) == [.known(.list(["a1"])), .known(.list(["pem 1"]))])
    #expect(leaves(Fixtures.state, Fixtures.successor) == both)
    // What was delivered may come back where its files are lost.
    #expect(leaves(Certificates.Place(certificate: .absent, key: .absent), Fixtures.successor) == both)
    var torn = Fixtures.state
    torn.keySHA256 = nil
    #expect(leaves(torn, Fixtures.successor) == both)
    var delivered = Fixtures.state
    delivered.leaf = Fixtures.successor
    delivered.keySHA256 = "k2"
    #expect(leaves(delivered, Fixtures.successor) == [.known(.list(["a2"])), .known(.list(["pem 2"]))])
  }

  @Test("The list is empty while nothing is issued, and unreadable with its guest; others publish none")
  func publishedNothing() {
    let name = Fixtures.place.name
    let key = FactKey.clientFingerprints(name)
    var observed = Certificates.Observed(
      places: [name: .known(Certificates.Place(certificate: .absent, key: .absent))],
      kept: [name: .known(Certificates.Kept())])
    #expect(Certificates.facts(of: observed)[key] == .known(.list([])))
    observed.places[name] = .unreadable("no route")
    #expect(Certificates.facts(of: observed)[key] == .unreadable("no route"))
    #expect(Certificates.facts(of: Fixtures.observed())[key] == nil)
  }

  @Test("Who waits, for whom, and until when at the latest, is told")
  func finding() throws {
    let findings = Certificates.findings(
      desired: desired, observed: observed(Fixtures.state, Fixtures.successor))
    let finding = try #require(findings.first)
    #expect(findings.count == 1)
    #expect(finding.severity == .note)
    #expect(finding.message.contains("docker-api/1001, traefik/102"))
    let emergency = RenewalSchedule(name: Fixtures.place.name, Fixtures.leaf).emergency
    #expect(finding.message.contains(emergency.utcText))
    #expect(
      Certificates.findings(desired: desired, observed: observed(Fixtures.state, Fixtures.leaf)).isEmpty)
  }

  @Test("It is looked at again when waiting ends")
  func deadline() {
    let observed = observed(Fixtures.state, Fixtures.successor)
    let next = Certificates.nextDeadline(
      desired: desired, observed: observed, now: Fixtures.now + .seconds(57_700))
    #expect(next == RenewalSchedule(name: Fixtures.place.name, Fixtures.leaf).emergency)
  }
}
