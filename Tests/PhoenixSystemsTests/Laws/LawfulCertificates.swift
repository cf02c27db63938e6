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
    var facts: [FactKey: Reading<FactValue>] = [
      FactKey("ca.fingerprint", of: host): .known(.text("root")),
      FactKey("ca.skew", of: host): .known(.number(0)),
    ]
    for wanted in desired.certificates.values {
      for door in wanted.admissions {
        facts[door] = .known(.list([Self.leaf(wanted).sha1, Self.successor(wanted).sha1]))
      }
    }
    return facts
  }

  func right(_ desired: Certificates.Desired) -> Certificates.Observed {
    Certificates.Observed(
      places: desired.certificates.mapValues { .known(Self.right($0)) },
      kept: Self.clients(desired).mapValues { wanted in
        .known(Certificates.Kept(issued: Self.leaf(wanted), delivered: Self.leaf(wanted)))
      })
  }

  func unreadable(_ desired: Certificates.Desired) -> Certificates.Observed {
    Certificates.Observed(
      places: desired.certificates.mapValues { _ in .unreadable("no route") },
      kept: Self.clients(desired).mapValues { _ in .unreadable("no disk") })
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
      guard !wanted.admissions.isEmpty else { continue }
      observed.kept[name] = Reading.random(&generator) { generator in
        var kept = Certificates.Kept(
          issued: [nil, Self.leaf(wanted), Self.successor(wanted)].pick(&generator),
          delivered: [nil, Self.leaf(wanted)].pick(&generator))
        if generator.chance(20) { kept.issued?.names.append("evil.example") }
        return kept
      }
    }
    return observed
  }

  func look(
    _ all: Certificates.Observed, at resources: Set<ResourceID>, _ desired: Certificates.Desired
  ) -> Certificates.Observed {
    let names = Set(resources.map(\.name))
    return Certificates.Observed(
      places: all.places.filter { names.contains($0.key) },
      renewals: all.renewals.filter { names.contains($0.key) },
      kept: all.kept.filter { names.contains($0.key) })
  }

  func touched(by resource: ResourceID, _ desired: Certificates.Desired) -> Set<ResourceID> { [resource] }

  func reordered(_ desired: Certificates.Desired) -> Certificates.Desired {
    Certificates.Desired(authority: desired.authority, certificates: desired.certificates.reordered)
  }

  func reordered(_ observed: Certificates.Observed) -> Certificates.Observed {
    Certificates.Observed(
      places: observed.places.reordered, renewals: observed.renewals.reordered,
      kept: observed.kept.reordered)
  }

  /// Files put wrong in a guest; what was issued for them lies in the state directory, and nobody answers at the
  /// authority.
  func spoiled(_ generator: inout SeededGenerator) async throws -> World {
    if generator.chance(40) { return try await waiting() }
    let guest = try await CertificateGuest()
    _ = try await guest.seed()
    let world = World(guest: guest, facts: guest.facts)
    for _ in 0...Int.random(in: 0...1, using: &generator) {
      switch Int.random(in: 0..<5, using: &generator) {
      case 0: chmod(guest.directory.file("etc/\(guest.name).key"), 0o644)
      case 1: unlink(guest.directory.file("etc/\(guest.name).crt"))
      case 2: unlink(guest.directory.file("base/\(guest.name)/current"))
      case 3 where access(guest.wanted.place.keyPath, F_OK) == 0:
        try PrivateKey.generate().pem.reveal {
          try Data($0.utf8).write(to: URL(filePath: guest.wanted.place.keyPath))
        }
      default: try FileManager.default.removeItem(atPath: guest.directory.file("etc"))
      }
    }
    return world
  }

  /// A client's certificate is due, and its successor is known at the door.
  private func waiting() async throws -> World {
    let door = FactKey.admitted("nginx.internal.example", at: .dockerAPI, guest: 1001)
    let guest = try await CertificateGuest(admissions: [door])
    _ = try await guest.seed(age: .seconds(17 * 3600))
    let successor = try await guest.keepSuccessor()
    var facts = guest.facts
    facts.publish([door: .known(.list([successor.leaf.sha1]))])
    return World(guest: guest, facts: facts)
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

  private static func clients(_ desired: Certificates.Desired) -> [String: Certificates.DesiredCertificate] {
    desired.certificates.filter { !$0.value.admissions.isEmpty }
  }

  private static func leaf(_ wanted: Certificates.DesiredCertificate) -> Certificates.Leaf {
    Certificates.Leaf(
      fingerprint: "f-\(wanted.name)", sha1: "a-\(wanted.name)", pem: "pem of \(wanted.name)", serial: "5f",
      names: wanted.names, notBefore: now + .seconds(-60),
      notAfter: now + (wanted.lifetime ?? .seconds(86_400)), uses: ["clientAuth", "serverAuth"],
      publicKeySHA256: "k1", rootSHA256: "root")
  }

  private static func successor(_ wanted: Certificates.DesiredCertificate) -> Certificates.Leaf {
    var leaf = leaf(wanted)
    (leaf.fingerprint, leaf.sha1, leaf.publicKeySHA256) = ("g-\(wanted.name)", "b-\(wanted.name)", "k2")
    return leaf
  }

  private static func right(_ wanted: Certificates.DesiredCertificate) -> Certificates.Place {
    guard case .guest(let place, _) = wanted.destination else {
      return Certificates.Place(
        generation: "g1", certificate: .here, key: .here, leaf: leaf(wanted), keySHA256: "k1")
    }
    func file(_ name: String, _ mode: FileMode) -> Certificates.PathState {
      .file(
        Certificates.File(
          link: "\(place.base)/current/\(name)", mode: mode, owner: place.owner,
          ids: FileOwner(user: "0", group: "33")))
    }
    return Certificates.Place(
      generation: "g1", certificate: file("cert.pem", .readable), key: file("key.pem", place.mode),
      root: place.rootPath.map { _ in file("ca.pem", .readable) },
      leaf: leaf(wanted), keySHA256: "k1", hooked: "g1")
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
