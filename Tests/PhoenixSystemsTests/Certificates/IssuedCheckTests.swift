import PhoenixCore
import PhoenixHost
import PhoenixNetwork
import Testing

@testable import PhoenixSystems

@Suite("What an authority gives is checked before a file is touched")
struct IssuedCheckTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let fault: String?
    var names = ["nginx.internal.example", "10.0.0.153"]
    var starts: Int64 = -60
    var ends: Int64 = 86_400
    var uses = "serverAuth,clientAuth"
    var otherKey = false
    var otherRoot = false
    var outlives: Int64?
  }

  static let cases: [Case] = [
    Case(testDescription: "right", fault: nil),
    Case(testDescription: "an authority 50 s ahead", fault: nil, starts: 50),
    Case(testDescription: "somebody else's key", fault: "another key", otherKey: true),
    Case(
      testDescription: "a name too many", fault: "evil.example",
      names: ["nginx.internal.example", "10.0.0.153", "evil.example"]),
    Case(testDescription: "a name too few", fault: "its names are", names: ["nginx.internal.example"]),
    Case(testDescription: "no use as a server", fault: "may not be used", uses: "clientAuth"),
    Case(testDescription: "valid only later", fault: "valid only from", starts: 120),
    Case(testDescription: "expired", fault: "has expired", starts: -7200, ends: -3600),
    Case(testDescription: "valid for a moment", fault: "two minutes", ends: 59),
    Case(testDescription: "another root", fault: "issuer", otherRoot: true),
    Case(testDescription: "not as long as the one before", fault: "ends sooner", outlives: 86_401),
    Case(testDescription: "longer than the one before", fault: nil, outlives: 86_300),
  ]

  @Test("Each fault is named", arguments: cases)
  func fault(of check: Case) async throws {
    let authority = try await Self.authority.value
    let key = try PrivateKey.generate()
    let now = HostClock.system.wall()
    let chain = try await authority.mint(
      names: check.names, key: key, notBefore: now + .seconds(check.starts),
      notAfter: now + .seconds(check.ends), extendedKeyUsage: check.uses)
    let wanted = Certificates.DesiredCertificate(
      place: CertificateFixtures.place, login: CertificateFixtures.login,
      names: ["nginx.internal.example", "10.0.0.153"])
    let fault = IssuedCheck(
      wanted: wanted, root: check.otherRoot ? try await Self.stranger.value.root : authority.root,
      keySHA256: check.otherKey ? try PrivateKey.generate().publicKeySHA256 : key.publicKeySHA256,
      outlives: check.outlives.map { now + .seconds($0) }, now: now
    ).fault(of: chain)
    if let part = check.fault {
      #expect(fault?.contains(part) == true, "\(fault ?? "no fault")")
    } else {
      #expect(fault == nil)
    }
  }

  private static let authority = Task { try await StepCAServer.make() }
  private static let stranger = Task { try await StepCAServer.make() }
}
