import PhoenixCore
import PhoenixNetwork
import Testing

@testable import PhoenixSystems

@Suite("What Step-CA is taken for")
struct StepCATests {
  private static let access = StepCA.Access(
    url: "https://10.0.0.10:9000", host: "10.0.0.10", rootFingerprint: "pin", provisioner: "admin")
  private static let desired = StepCA.Desired(authority: access)

  private static func observed(
    keyID: String? = "kid", skew: Int = 0, left: Int64 = 86_400
  ) -> StepCA.Observed {
    let seen = WallTime(seconds: 1_800_000_000)
    return StepCA.Observed(
      authority: .known(
        StepCA.Authority(
          host: "10.0.0.10", rootPEM: "PEM", rootFingerprint: "pin", provisionerKeyID: keyID,
          provisioners: ["other"], skew: skew, serverNotAfter: seen + .seconds(left), seen: seen)))
  }

  @Test("It is never changed")
  func neverChanged() {
    for observed in [
      Self.observed(), Self.observed(keyID: nil), StepCA.Observed(authority: .unreadable("x")),
    ] {
      #expect(
        StepCA.diff(desired: Self.desired, observed: observed, facts: Facts(), now: WallTime(seconds: 0))
          .isEmpty)
    }
  }

  @Test(
    "Ready when it answers, knows the provisioner, and the clocks agree",
    arguments: [
      (observed(), true, 0), (observed(skew: 30), true, 0), (observed(skew: 31), true, 1),
      (observed(skew: -300), true, 1), (observed(skew: 301), false, 1), (observed(skew: -301), false, 1),
      (observed(keyID: nil), false, 1), (observed(left: 3600), true, 1),
    ])
  func readiness(observed: StepCA.Observed, isReady: Bool, findings: Int) {
    let readiness = StepCA.ready(Self.access.resource, desired: Self.desired, observed: observed)
    #expect((readiness == .ready) == isReady)
    #expect(StepCA.findings(desired: Self.desired, observed: observed).count == findings)
  }

  @Test("An authority that does not answer is unreadable")
  func unreadable() {
    let observed = StepCA.Observed(authority: .unreadable("refused"))
    #expect(
      StepCA.ready(Self.access.resource, desired: Self.desired, observed: observed) == .unreadable("refused"))
    #expect(StepCA.health(of: observed) == .unreadable("refused"))
    #expect(StepCA.facts(of: observed).isEmpty)
  }

  @Test("It publishes its root, its clock and the provisioner's key")
  func facts() {
    let facts = StepCA.facts(of: Self.observed(skew: -7))
    #expect(facts[FactKey("ca.root", of: "10.0.0.10")] == .known(.text("PEM")))
    #expect(facts[FactKey("ca.fingerprint", of: "10.0.0.10")] == .known(.text("pin")))
    #expect(facts[FactKey("ca.skew", of: "10.0.0.10")] == .known(.number(-7)))
    #expect(facts[FactKey("ca.provisioner", of: "10.0.0.10")] == .known(.text("kid")))
    #expect(
      StepCA.facts(of: Self.observed(keyID: nil))[FactKey("ca.provisioner", of: "10.0.0.10")] == .absent)
  }

  /// Its clock tells whole seconds, so within one of them there is no difference.
  @Test(
    "The difference of the clocks",
    arguments: [
      (1000, 1_000_100, 1_000_200, 0), (1000, 1_000_999, 1_001_050, 0), (1001, 1_000_900, 1_000_950, 0),
      (1000, 1_301_000, 1_301_100, -300), (1300, 1_000_100, 1_000_200, 299), (1000, 999_000, 1_005_000, 0),
    ] as [(Int64, Int64, Int64, Int)])
  func skew(theirs: Int64, before: Int64, after: Int64, seconds: Int) {
    #expect(
      StepCA.skew(
        theirs: WallTime(seconds: theirs), before: WallTime(milliseconds: before),
        after: WallTime(milliseconds: after)) == seconds)
  }

  @Test("Without a fingerprint it is unreadable, and the finding says what to set")
  func noFingerprint() async throws {
    var inventory = Inventory()
    inventory.settings.stepCA.url = "https://10.0.0.10:9000"
    inventory.settings.stepCA.provisioner = "admin"
    let compiled = StepCA.compile(inventory, ConfigurationNodes())
    #expect(compiled.resources.map(\.id.description) == ["step-ca/authority/10.0.0.10"])
    #expect(compiled.findings.map(\.severity) == [.warning])
    #expect(compiled.findings.first?.message.contains("step_ca.root_fingerprint") == true)
    let look = await StepCA(client: HTTPClient()).observe(.everything, desired: compiled.desired)
    #expect(look.authority.unreadableReason?.contains("root_fingerprint is not set") == true)
  }

  @Test("Without an address there is nothing to look at, which matters when certificates are wanted")
  func noAddress() async {
    var inventory = Inventory()
    #expect(StepCA.compile(inventory, ConfigurationNodes()).findings.isEmpty)
    inventory.certificates = [
      CertificateEntry(
        commonName: "a.b", certificatePath: "/a", keyPath: "/b",
        location: Location(file: "f", line: 1, column: 1))
    ]
    let compiled = StepCA.compile(inventory, ConfigurationNodes())
    #expect(compiled.resources.isEmpty)
    #expect(compiled.findings.count == 1)
    let look = await StepCA(client: HTTPClient()).observe(.everything, desired: compiled.desired)
    #expect(StepCA.health(of: look) == .readable)
  }

  @Test(
    "Addresses are taken apart",
    arguments: [
      ("https://10.0.0.10:9000", "10.0.0.10"), ("https://ca.internal.example/", "ca.internal.example"),
      ("https://[fd00::1]:9000/x", "fd00::1"), ("nonsense", nil), ("https://", nil),
    ] as [(String, String?)])
  func hosts(url: String, host: String?) {
    var settings = DaemonSettings().stepCA
    settings.url = url
    #expect(settings.host == host)
  }
}
