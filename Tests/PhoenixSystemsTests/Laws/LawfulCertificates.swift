import FoundationEssentials
import Glibc
import PhoenixCore
import PhoenixHost
import PhoenixNetwork

@testable import PhoenixSystems

struct LawfulCertificates: LawfulSystem {
  typealias Model = Certificates

  let whole = LawExample.compile(Certificates.self)

  private static let now = CertificateFixtures.now

  func facts(_ desired: Certificates.Desired) -> [FactKey: Reading<FactValue>] {
    let host = desired.authority?.host ?? ""
    return [
      FactKey("ca.fingerprint", of: host): .known(.text("root")),
      FactKey("ca.skew", of: host): .known(.number(0)),
    ]
  }

  func right(_ desired: Certificates.Desired) -> Certificates.Observed {
    Certificates.Observed(places: desired.certificates.mapValues { .known(Self.right($0)) })
  }

  func unreadable(_ desired: Certificates.Desired) -> Certificates.Observed {
    Certificates.Observed(places: desired.certificates.mapValues { _ in .unreadable("no route") })
  }

  func random(
    _ desired: Certificates.Desired, _ generator: inout SeededGenerator
  ) -> Certificates.Observed {
    var observed = Certificates.Observed()
    for (name, wanted) in desired.certificates.sorted(by: { $0.key < $1.key }) {
      observed.places[name] = Reading.random(&generator) { generator in
        var place = Self.right(wanted)
        for _ in 0..<Int.random(in: 0...2, using: &generator) { Self.spoil(&place, &generator) }
        return place
      }
      if generator.chance(20) { observed.renewals[name] = ["f-\(name)", "f0"].pick(&generator) }
    }
    return observed
  }

  func look(
    _ all: Certificates.Observed, at resources: Set<ResourceID>, _ desired: Certificates.Desired
  ) -> Certificates.Observed {
    let names = Set(resources.map(\.name))
    return Certificates.Observed(
      places: all.places.filter { names.contains($0.key) },
      renewals: all.renewals.filter { names.contains($0.key) })
  }

  func touched(by resource: ResourceID, _ desired: Certificates.Desired) -> Set<ResourceID> { [resource] }

  func reordered(_ desired: Certificates.Desired) -> Certificates.Desired {
    Certificates.Desired(authority: desired.authority, certificates: desired.certificates.reordered)
  }

  func reordered(_ observed: Certificates.Observed) -> Certificates.Observed {
    Certificates.Observed(places: observed.places.reordered, renewals: observed.renewals.reordered)
  }

  /// Files put wrong in a guest; what was issued for them lies in the state directory, and nobody answers at the
  /// authority.
  func spoiled(_ generator: inout SeededGenerator) async throws -> World {
    let guest = try await CertificateGuest()
    _ = try await guest.seed()
    let world = World(guest: guest, facts: guest.facts)
    for _ in 0...Int.random(in: 0...1, using: &generator) {
      switch Int.random(in: 0..<5, using: &generator) {
      case 0: chmod(guest.directory.file("etc/\(guest.name).key"), 0o644)
      case 1: unlink(guest.directory.file("etc/\(guest.name).crt"))
      case 2: unlink(guest.directory.file("base/\(guest.name)/current"))
      case 3:
        try PrivateKey.generate().pem.reveal {
          try Data($0.utf8).write(to: URL(filePath: guest.wanted.place.keyPath))
        }
      default: try FileManager.default.removeItem(atPath: guest.directory.file("etc"))
      }
    }
    return world
  }

  struct World: LawWorld {
    let guest: CertificateGuest
    let facts: Facts
    var system: Certificates { guest.system }
    var desired: Certificates.Desired { guest.desired }
    var now: WallTime { guest.world.clock.now }

    func facts() async -> Facts { facts }
    func content() throws -> [String] {
      try guest.directory.content(of: "base", "etc") + guest.world.state.content(of: ".")
    }
    func marks() throws -> [String] {
      try guest.directory.marks(of: "base", "etc") + guest.world.state.marks(of: ".")
    }
  }

  private static func right(_ wanted: Certificates.DesiredCertificate) -> Certificates.Place {
    let place = wanted.place
    func file(_ name: String, _ mode: FileMode) -> Certificates.PathState {
      .file(
        Certificates.File(
          link: "\(place.base)/current/\(name)", mode: mode, owner: place.owner,
          ids: FileOwner(user: "0", group: "33")))
    }
    return Certificates.Place(
      generation: "g1", certificate: file("cert.pem", .readable), key: file("key.pem", place.mode),
      root: place.rootPath.map { _ in file("ca.pem", .readable) },
      leaf: Certificates.Leaf(
        fingerprint: "f-\(place.name)", serial: "5f", names: wanted.names, notBefore: now + .seconds(-60),
        notAfter: now + (wanted.lifetime ?? .seconds(86_400)), uses: ["clientAuth", "serverAuth"],
        publicKeySHA256: "k1", rootSHA256: "root"), keySHA256: "k1", hooked: "g1")
  }

  private static func spoil(_ place: inout Certificates.Place, _ generator: inout SeededGenerator) {
    switch Int.random(in: 0..<9, using: &generator) {
    case 0: place.leaf = nil
    case 1: place.keySHA256 = "k2"
    case 2: place.leaf?.names.append("evil.example")
    case 3: place.leaf?.notAfter = now + .seconds([-60, 0, 600, 20_000].pick(&generator))
    case 4: place.leaf?.rootSHA256 = ["other", nil].pick(&generator)
    case 5: place.certificate = [.absent, .dangling(link: "/etc/shadow")].pick(&generator)
    case 6:
      place.key = .file(
        Certificates.File(
          link: [nil, "/etc/shadow"].pick(&generator), mode: .readable, owner: .root,
          ids: FileOwner(user: "0", group: "0")))
    case 7: place.refusal = Certificates.Refusal(generation: "g2", restored: "g1", leaf: place.leaf)
    default: place.hooked = nil
    }
  }
}
