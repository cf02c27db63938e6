import PhoenixCore

@testable import PhoenixSystems

/// A gateway that is as it should be, to be put wrong in one way at a time: two names with one certificate, and one
/// with another.
enum NginxFixtures {
  static let now = CertificateFixtures.now
  static let client = "nginx-gateway-client.internal.example"

  static func place(
    _ name: String, root: String? = nil, use: CertificateEntry.Use = .server
  ) -> CertificatePlace {
    var entry = CertificateEntry(
      commonName: name, certificatePath: "/etc/nginx/ssl/\(name).crt", keyPath: "/etc/nginx/ssl/\(name).key",
      location: CertificateFixtures.location)
    entry.use = use
    entry.deployments = [
      CertificateDeployment(
        guest: 101, certificatePath: entry.certificatePath, keyPath: entry.keyPath, rootPath: root,
        consumer: .nginx, location: CertificateFixtures.location)
    ]
    return entry.places[0]
  }

  static let many = place("nginx.internal.example", root: "/etc/nginx/ssl/root.crt")
  static let one = place("qdrant.internal.example")

  static var gateway: Nginx.Gateway {
    let upstream = HostAndPort("10.0.0.12:8443").map {
      Nginx.Upstream(
        address: $0, name: "traefik.internal.example", client: place(client, use: .client))
    }
    return Nginx.Gateway(
      login: CertificateFixtures.login, layout: Nginx.Layout(),
      hosts: [
        Nginx.Host(name: "echo.internal.example", certificate: many),
        Nginx.Host(name: "nginx.internal.example", certificate: many, isOwn: true),
        Nginx.Host(name: "qdrant.internal.example", certificate: one),
      ], upstream: upstream, rootFingerprint: "root")
  }

  static var desired: Nginx.Desired { Nginx.Desired(gateway: gateway) }
  static var file: GatewayFile { GatewayFile(gateway: gateway, generation: "g1") }

  static var state: Nginx.GatewayState {
    Nginx.GatewayState(
      unit: "active", files: ServiceFilesState([file.file]), generation: "g1", loaded: file.hash)
  }

  static func served(_ fingerprints: [String]) -> Reading<ServedLeaves> {
    .known(ServedLeaves(fingerprints: fingerprints, trouble: fingerprints.isEmpty ? "refused" : nil))
  }

  static func observed(_ state: Nginx.GatewayState = state) -> Nginx.Observed {
    Nginx.Observed(
      gateway: .known(state),
      certificates: [
        many.name: Nginx.CertificateState(hosts: [
          "echo.internal.example": served(["f1"]), "nginx.internal.example": served(["f1"]),
        ]),
        one.name: Nginx.CertificateState(hosts: ["qdrant.internal.example": served(["f2"])]),
      ],
      answers: [
        "echo.internal.example": .status(200), "nginx.internal.example": .status(200),
        "qdrant.internal.example": .status(404),
      ], stranger: .absent)
  }

  static func facts(
    generation: Reading<FactValue> = .known(.text("g1")),
    fingerprint: Reading<FactValue> = .known(.text("f1"))
  ) -> Facts {
    Facts([
      FactKey("certificate.generation", of: client): generation,
      FactKey("certificate.fingerprint", of: many.name): fingerprint,
      FactKey("certificate.fingerprint", of: one.name): .known(.text("f2")),
    ])
  }

  static func changes(_ observed: Nginx.Observed, _ facts: Facts = facts()) -> [Change] {
    Nginx.diff(desired: desired, observed: observed, facts: facts, now: now)
  }
}
