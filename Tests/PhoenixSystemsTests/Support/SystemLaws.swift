import FoundationEssentials
import PhoenixCore
import PhoenixNetwork
import Testing

@testable import PhoenixSystems

/// What must hold for every system: a state that is as it should be needs nothing, states survive being written
/// and read, and what is unreadable is left alone.
enum SystemLaws {
  /// Checks one system with a state that is as it should be, and one of which nothing could be read.
  static func check<Model: SystemModel>(
    _ model: Model.Type, desired: Model.Desired, right: Model.Observed, unreadable: Model.Observed,
    facts: Facts, now: WallTime
  ) throws {
    #expect(model.diff(desired: desired, observed: right, facts: facts, now: now).isEmpty)
    #expect(model.diff(desired: desired, observed: unreadable, facts: facts, now: now).isEmpty)
    guard case .unreadable = model.health(of: unreadable) else {
      Issue.record("\(model.name) takes an unreadable state for a readable one")
      return
    }
    for observed in [right, unreadable] {
      let read = try JSONDecoder().decode(Model.Observed.self, from: JSONEncoder().encode(observed))
      #expect(read == observed)
      #expect(model.merge(observed, into: right, scope: .everything) == observed)
      #expect(model.merge(observed, into: observed, scope: .only([])) == observed)
    }
    let read = try JSONDecoder().decode(Model.Desired.self, from: JSONEncoder().encode(desired))
    #expect(read == desired)
  }
}

@Suite("Laws of the systems around certificates")
struct CertificateSystemLaws {
  private typealias Fixtures = CertificateFixtures

  @Test func stepCA() throws {
    let access = StepCA.Access(
      url: "https://10.0.0.10:9000", host: "10.0.0.10", rootFingerprint: "root", provisioner: "admin")
    let authority = StepCA.Authority(
      host: "10.0.0.10", rootPEM: "PEM", rootFingerprint: "root", provisionerKeyID: "kid", provisioners: [],
      skew: 0, serverNotAfter: nil, seen: Fixtures.now)
    try SystemLaws.check(
      StepCA.self, desired: StepCA.Desired(authority: access),
      right: StepCA.Observed(authority: .known(authority)),
      unreadable: StepCA.Observed(authority: .unreadable("refused")), facts: Facts(), now: Fixtures.now)
  }

  @Test func certificates() throws {
    try SystemLaws.check(
      Certificates.self, desired: Fixtures.desired, right: Fixtures.observed(),
      unreadable: Certificates.Observed(places: [Fixtures.place.name: .unreadable("no route")]),
      facts: Fixtures.facts(), now: Fixtures.now)
  }

  @Test func nginx() throws {
    let server = Nginx.Server(
      place: Fixtures.place, login: Fixtures.login, address: "10.0.0.153", port: 443,
      host: "nginx.internal.example")
    let gateway = Nginx.Gateway(
      login: Fixtures.login, path: "/etc/nginx/conf.d/phoenix-gateway.conf", others: [], text: "text",
      hosts: ["nginx.internal.example"])
    try SystemLaws.check(
      Nginx.self,
      desired: Nginx.Desired(gateways: [101: gateway], servers: [Fixtures.place.name: server]),
      right: Nginx.Observed(
        gateways: [101: .known(Nginx.GatewayState(unit: "active", sha256: gateway.sha256))],
        servers: [Fixtures.place.name: .known(Nginx.ServerState(fingerprints: ["f1"]))]),
      unreadable: Nginx.Observed(
        gateways: [101: .unreadable("no route")], servers: [Fixtures.place.name: .unreadable("no route")]),
      facts: Facts([FactKey("certificate.fingerprint", of: Fixtures.place.name): .known(.text("f1"))]),
      now: Fixtures.now)
  }
}
