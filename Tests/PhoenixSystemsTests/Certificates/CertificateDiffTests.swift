import PhoenixCore
import Testing

@testable import PhoenixSystems

@Suite("What certificates need")
struct CertificateDiffTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let fields: [String]
    var kind = Change.Kind.update
    var later: Int64 = 0
    let spoil: @Sendable (inout Certificates.Place) -> Void

    init(
      _ description: String, _ fields: [String], kind: Change.Kind = .update, later: Int64 = 0,
      _ spoil: @escaping @Sendable (inout Certificates.Place) -> Void = { _ in }
    ) {
      testDescription = description
      self.fields = fields
      self.kind = kind
      self.later = later
      self.spoil = spoil
    }
  }

  private typealias Fixtures = CertificateFixtures

  private func changes(
    _ state: Certificates.Place, facts: Facts = Fixtures.facts(), later: Int64 = 0, renewal: String? = nil
  ) -> [Change] {
    var observed = Fixtures.observed(state)
    observed.renewals[Fixtures.place.name] = renewal
    return Certificates.diff(
      desired: Fixtures.desired, observed: observed, facts: facts, now: Fixtures.now + .seconds(later))
  }

  private static func plain(_ mode: UInt16 = 0o644, link: String? = nil) -> Certificates.PathState {
    .file(
      Certificates.File(
        link: link, mode: FileMode(bits: mode), owner: FileOwner(user: "root", group: "www-data"),
        ids: FileOwner(user: "0", group: "33")))
  }

  static let cases: [Case] = [
    Case("missing", ["names", "not_after", "key_path", "cert_path", "ca_path"], kind: .create) {
      $0 = Certificates.Place(certificate: .absent, key: .absent, root: .absent)
    },
    Case("a link to nothing", ["names", "not_after", "cert_path"], kind: .create) {
      $0.certificate = .dangling(link: "\(CertificateFixtures.place.base)/current/cert.pem")
      $0.leaf = nil
    },
    Case("no certificate", ["names", "not_after"]) { $0.leaf = nil },
    Case("a name too few", ["names", "not_after"]) { $0.leaf?.names.removeLast() },
    Case("a name too many", ["names", "not_after"]) { $0.leaf?.names.append("www.example") },
    Case("another key", ["key", "not_after"]) { $0.keySHA256 = "k2" },
    Case("no key", ["key", "not_after"]) { $0.keySHA256 = nil },
    Case("another root", ["issuer", "not_after"]) { $0.leaf?.rootSHA256 = "other" },
    Case("no proof of its root", ["issuer", "not_after"]) { $0.leaf?.rootSHA256 = nil },
    Case("no use as a server", ["cert_type", "not_after"]) { $0.leaf?.uses = ["clientAuth"] },
    Case("two thirds of its life are over", ["not_after", "renewal"], later: 57_600),
    Case("about to expire", ["not_after", "renewal"], later: 82_100),
    Case("expired", ["not_after", "renewal"], later: 86_400),
    Case("not valid yet", ["not_after"]) { $0.leaf?.notBefore = CertificateFixtures.now + .seconds(600) },
    Case("the key for all to read", ["key_path permissions"]) {
      $0.key = CertificateFixtures.file("key.pem", mode: 0o644)
    },
    Case("somebody's key", ["key_path owner"]) {
      $0.key = .file(
        Certificates.File(
          link: "\(CertificateFixtures.place.base)/current/key.pem", mode: FileMode(bits: 0o640),
          owner: FileOwner(user: "nobody", group: "www-data"), ids: FileOwner(user: "65534", group: "33")))
    },
    Case("a plain file", ["cert_path"]) { $0.certificate = plain() },
    Case("an old link of ours", ["cert_path"]) {
      $0.certificate = plain(link: "\(CertificateFixtures.place.base)/generations/g0/cert.pem")
    },
    Case("no root beside it", ["ca_path"]) { $0.root = .absent },
  ]

  @Test("Every difference is one change with its fields", arguments: cases)
  func difference(of spoiled: Case) throws {
    var state = Fixtures.state
    spoiled.spoil(&state)
    let change = try #require(changes(state, later: spoiled.later).first)
    #expect(change.fields.map(\.field) == spoiled.fields)
    #expect(change.kind == spoiled.kind)
    #expect(change.resource.description == "certificates/certificate/nginx.internal.example")
    #expect(change.hold == nil)
    #expect(change.risk == .safe)
  }

  @Test("What is right needs nothing, until it is due", arguments: [0, 3600, 53_000])
  func nothing(later: Int64) {
    #expect(changes(Fixtures.state, later: later).isEmpty)
    #expect(
      Certificates.ready(Fixtures.place.resource, desired: Fixtures.desired, observed: Fixtures.observed())
        == .ready)
  }

  @Test("Each step towards the end is another change, and between the steps it stays the same")
  func escalation() {
    let stages = [57_600, 60_000, 82_100, 86_000, 86_400, 90_000].map { later in
      changes(Fixtures.state, later: Int64(later)).first?.fields.last?.to
    }
    #expect(
      stages == [
        .text("due"), .text("due"), .text("emergency"), .text("emergency"), .text("expired"),
        .text("expired"),
      ])
  }

  @Test("An owner may be declared by number")
  func numericOwner() {
    var desired = Fixtures.desired
    let numeric = CertificateEntry(
      commonName: "nginx.internal.example", certificatePath: "/etc/nginx/ssl/nginx.crt",
      keyPath: "/etc/nginx/ssl/nginx.key", location: Fixtures.location)
    var entry = numeric
    entry.deployments = [
      CertificateDeployment(
        guest: 101, certificatePath: numeric.certificatePath, keyPath: numeric.keyPath,
        rootPath: "/etc/nginx/ssl/root.crt", owner: FileOwner(user: "0", group: "33"), consumer: .nginx,
        location: Fixtures.location)
    ]
    desired.certificates["nginx.internal.example"]?.place = entry.places[0]
    let changes = Certificates.diff(
      desired: desired, observed: Fixtures.observed(), facts: Fixtures.facts(), now: Fixtures.now)
    #expect(changes.isEmpty)
  }

  @Test("A link that leads elsewhere is held, with the place it leads to")
  func foreignLink() throws {
    var state = Fixtures.state
    state.key = Self.plain(0o640, link: "/etc/shadow")
    let change = try #require(changes(state).first)
    #expect(change.hold?.contains("/etc/shadow") == true)
  }

  @Test("A guest that did not answer is left alone, and others are not")
  func unreadable() {
    let observed = Certificates.Observed(places: [Fixtures.place.name: .unreadable("no route")])
    let changes = Certificates.diff(
      desired: Fixtures.desired, observed: observed, facts: Fixtures.facts(), now: Fixtures.now)
    #expect(changes.isEmpty)
    #expect(Certificates.health(of: observed) == .unreadable("nginx.internal.example: no route"))
    var both = observed
    both.places["other"] = .known(Fixtures.state)
    #expect(Certificates.health(of: both) == .partly("nginx.internal.example: no route"))
  }

  @Test("Without the authority's word nobody is accused of another root, and renewals fall due all the same")
  func silentAuthority() {
    var state = Fixtures.state
    state.leaf?.rootSHA256 = nil
    #expect(changes(state, facts: Facts()).isEmpty)
    #expect(changes(state, facts: Facts(), later: 57_600).count == 1)
  }

  @Test("A clock that is minutes behind is allowed for", arguments: [290, -290])
  func skew(seconds: Int) {
    var state = Fixtures.state
    state.leaf?.notBefore = Fixtures.now + .seconds(seconds - 60)
    state.leaf?.notAfter = Fixtures.now + .seconds(86_400 + seconds)
    #expect(changes(state, facts: Fixtures.facts(skew: seconds)).isEmpty)
  }

  @Test("A wish for another certificate counts for the one it was made for")
  func wish() {
    #expect(changes(Fixtures.state, renewal: "f1").first?.fields.map(\.field) == ["not_after", "renewal"])
    #expect(changes(Fixtures.state, renewal: "f0").isEmpty)
  }

  /// It is issued already, and another one would fare no better with its consumer.
  @Test("A renewal that a consumer refused is not issued again while the one before is good")
  func refused() {
    var state = Fixtures.state
    var newer = Fixtures.leaf
    newer.notBefore = Fixtures.now + .seconds(57_600)
    newer.notAfter = Fixtures.now + .seconds(150_000)
    state.refusal = Certificates.Refusal(generation: "g2", restored: "g1", leaf: newer)
    #expect(changes(state, later: 57_700).isEmpty)
    #expect(
      Certificates.findings(desired: Fixtures.desired, observed: Fixtures.observed(state)).map(\.severity)
        == [.warning])
    // It is over when the one before has expired, the manifest changed, or another generation is in use.
    #expect(changes(state, later: 86_400).count == 1)
    state.refusal?.leaf?.names = ["nginx.internal.example"]
    #expect(changes(state, later: 57_700).count == 1)
    state.refusal = Certificates.Refusal(generation: "g2", restored: "g0", leaf: newer)
    #expect(changes(state, later: 57_700).count == 1)
  }

  @Test("The hook waits until the certificate is in its place, and is run once for each")
  func hook() {
    var desired = Fixtures.desired
    desired.certificates["nginx.internal.example"]?.hook = ["true"]
    func fields(_ state: Certificates.Place) -> [[String]] {
      Certificates.diff(
        desired: desired, observed: Fixtures.observed(state), facts: Fixtures.facts(), now: Fixtures.now
      ).map { $0.fields.map(\.field) }
    }
    var state = Fixtures.state
    #expect(fields(state) == [["post_renewal_command"]])
    state.hooked = "g0"
    #expect(fields(state) == [["post_renewal_command"]])
    state.hooked = "g1"
    #expect(fields(state).isEmpty)
  }

  @Test("What others may know: the fingerprint of a certificate that has its key")
  func facts() {
    let facts = Certificates.facts(of: Fixtures.observed())
    let name = Fixtures.place.name
    #expect(facts[FactKey("certificate.fingerprint", of: name)] == .known(.text("f1")))
    #expect(facts[FactKey("certificate.generation", of: name)] == .known(.text("g1")))
    #expect(
      facts[FactKey("certificate.notAfter", of: name)] == .known(.number(Int(Fixtures.leaf.notAfter.seconds)))
    )
    var torn = Fixtures.state
    torn.keySHA256 = "k2"
    #expect(
      Certificates.facts(of: Fixtures.observed(torn))[FactKey("certificate.fingerprint", of: name)] == .absent
    )
  }

  @Test("The next look is when the first certificate is due")
  func deadline() {
    let schedule = RenewalSchedule(name: Fixtures.place.name, Fixtures.leaf)
    let next = Certificates.nextDeadline(
      desired: Fixtures.desired, observed: Fixtures.observed(), now: Fixtures.now)
    #expect(next == schedule.due)
  }
}
