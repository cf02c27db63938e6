import PhoenixCore

@testable import PhoenixSystems

/// A certificate that is as it should be, to be put wrong in one way at a time.
enum CertificateFixtures {
  static let now = WallTime(seconds: 1_800_000_000)
  static let location = Location(file: "certificate-manifest.json", line: 2, column: 3)
  static let host = "10.0.0.10"

  static var place: CertificatePlace {
    var entry = CertificateEntry(
      commonName: "nginx.internal.example", certificatePath: "/etc/nginx/ssl/nginx.crt",
      keyPath: "/etc/nginx/ssl/nginx.key", location: location)
    entry.deployments = [
      CertificateDeployment(
        guest: 101, certificatePath: entry.certificatePath, keyPath: entry.keyPath,
        rootPath: "/etc/nginx/ssl/root.crt", owner: FileOwner(user: "root", group: "www-data"),
        consumer: .nginx,
        location: location)
    ]
    return entry.places[0]
  }

  static let login = GuestLogin(guest: 101, name: "Nginx-Phoenix", address: "10.0.0.153", user: "root")

  static var wanted: Certificates.DesiredCertificate {
    Certificates.DesiredCertificate(
      place: place, login: login, names: ["nginx.internal.example", "*.internal.example", "10.0.0.153"])
  }

  static var desired: Certificates.Desired {
    Certificates.Desired(
      authority: Certificates.Authority(
        url: "https://10.0.0.10:9000", host: host, provisioner: "admin", passwordCredential: "password"),
      certificates: [wanted.place.name: wanted])
  }

  /// A client that opens two doors.
  static var client: Certificates.DesiredCertificate {
    Certificates.DesiredCertificate(
      place: place, login: login, names: wanted.names, use: .client, admissions: doors)
  }

  static let doors: [FactKey] = [
    .admitted("nginx.internal.example", at: .dockerAPI, guest: 1001),
    .admitted("nginx.internal.example", at: .traefik, guest: 102),
  ]

  /// The successor of `leaf`, issued when that fell due.
  static var successor: Certificates.Leaf {
    var newer = leaf
    (newer.fingerprint, newer.sha1, newer.pem, newer.publicKeySHA256) = ("f2", "a2", "pem 2", "k2")
    newer.notBefore = now + .seconds(57_600)
    newer.notAfter = now + .seconds(144_000)
    return newer
  }

  static func file(_ name: String, mode: UInt16) -> Certificates.PathState {
    .file(
      Certificates.File(
        link: "\(place.base)/current/\(name)", mode: FileMode(bits: mode),
        owner: FileOwner(user: "root", group: "www-data"), ids: FileOwner(user: "0", group: "33")))
  }

  static var leaf: Certificates.Leaf {
    Certificates.Leaf(
      fingerprint: "f1", sha1: "a1", pem: "pem 1", serial: "5f", names: wanted.names,
      notBefore: now + .seconds(-60),
      notAfter: now + .seconds(86_400), uses: ["clientAuth", "serverAuth"], publicKeySHA256: "k1",
      rootSHA256: "root")
  }

  static var state: Certificates.Place {
    Certificates.Place(
      generation: "g1", certificate: file("cert.pem", mode: 0o644), key: file("key.pem", mode: 0o640),
      root: file("ca.pem", mode: 0o644), leaf: leaf, keySHA256: "k1")
  }

  static func observed(_ state: Certificates.Place = state) -> Certificates.Observed {
    Certificates.Observed(places: [place.name: .known(state)])
  }

  static func facts(root: String = "root", skew: Int = 0) -> Facts {
    Facts([
      FactKey("ca.fingerprint", of: host): .known(.text(root)),
      FactKey("ca.skew", of: host): .known(.number(skew)),
    ])
  }
}
