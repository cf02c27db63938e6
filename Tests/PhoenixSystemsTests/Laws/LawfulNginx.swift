import FoundationEssentials
import PhoenixCore

@testable import PhoenixSystems

struct LawfulNginx: LawfulSystem {
  typealias Model = Nginx

  let whole = LawExample.compile(Nginx.self)

  func facts(_ desired: Nginx.Desired) -> [FactKey: Reading<FactValue>] {
    guard let gateway = desired.gateway else { return [:] }
    var facts: [FactKey: Reading<FactValue>] = [:]
    for certificate in gateway.certificates {
      facts[FactKey("certificate.fingerprint", of: certificate.name)] = .known(.text("f-\(certificate.name)"))
    }
    if let upstream = gateway.upstream {
      facts[FactKey("certificate.generation", of: upstream.client.name)] = .known(.text("g1"))
    }
    return facts
  }

  func right(_ desired: Nginx.Desired) -> Nginx.Observed {
    observed(desired.gateway, { .known($0) }) { .known(ServedLeaves(fingerprints: ["f-\($0.name)"])) }
  }

  func unreadable(_ desired: Nginx.Desired) -> Nginx.Observed {
    observed(desired.gateway, { _ in .unreadable("no route") }) { _ in .unreadable("no route") }
  }

  private func observed(
    _ gateway: Nginx.Gateway?, _ state: (Nginx.GatewayState) -> Reading<Nginx.GatewayState>,
    _ served: (CertificatePlace) -> Reading<ServedLeaves>
  ) -> Nginx.Observed {
    guard let gateway else { return Nginx.Observed() }
    var observed = Nginx.Observed(gateway: state(Self.right(gateway)), stranger: .absent)
    for certificate in gateway.certificates {
      let hosts = gateway.hosts(of: certificate.name).map { ($0.name, served(certificate)) }
      observed.certificates[certificate.name] = Nginx.CertificateState(
        hosts: Dictionary(uniqueKeysWithValues: hosts))
    }
    return observed
  }

  func random(_ desired: Nginx.Desired, _ generator: inout SeededGenerator) -> Nginx.Observed {
    guard let gateway = desired.gateway else { return Nginx.Observed() }
    var observed = Nginx.Observed()
    observed.gateway =
      Reading.random(&generator) { generator in
        var state = Self.right(gateway)
        state.unit = ["active", "active", "failed", "missing"].pick(&generator)
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: state.files = ServiceFilesState()
        case 1: state.files.files[gateway.path]?.sha256 = "other"
        case 2: state.files.isUnfinished = true
        case 3: state.files.isTouched = true
        default: break
        }
        state.loaded = [state.loaded, state.loaded, "other", nil].pick(&generator)
        if generator.chance(20) { state.claims = [Nginx.Claim("/etc/nginx/x:1 is the default server")] }
        return state
      } ?? .unreadable("no answer")
    for certificate in gateway.certificates {
      let refused = Reading.random(&generator) { _ in "g2" } ?? .absent
      var state = Nginx.CertificateState(refused: generator.chance(30) ? refused : .absent)
      for host in gateway.hosts(of: certificate.name) {
        state.hosts[host.name] = Reading.random(&generator) { generator in
          let own = "f-\(certificate.name)"
          return ServedLeaves(
            fingerprints: [[own], ["f0"], ["f0", own], []].pick(&generator), trouble: "refused")
        }
      }
      observed.certificates[certificate.name] = state
    }
    for host in gateway.hosts {
      observed.answers[host.name] = [.status(200), .status(502), .none("reset"), nil].pick(&generator)
    }
    observed.stranger = Reading.random(&generator) { _ in "f0" }
    return observed
  }

  func look(
    _ all: Nginx.Observed, at resources: Set<ResourceID>, _ desired: Nginx.Desired
  ) -> Nginx.Observed {
    guard let gateway = desired.gateway else { return Nginx.Observed() }
    let names = Set(gateway.hosts.filter { resources.contains($0.resource) }.map(\.certificate.name))
    return Nginx.Observed(
      gateway: all.gateway, certificates: all.certificates.filter { names.contains($0.key) })
  }

  /// Whatever is served by the same nginx: whether it is there is seen with each of them.
  func touched(by resource: ResourceID, _ desired: Nginx.Desired) -> Set<ResourceID> {
    guard let gateway = desired.gateway else { return [] }
    return Set([gateway.resource] + gateway.hosts.map(\.resource))
  }

  func reordered(_ desired: Nginx.Desired) -> Nginx.Desired { desired }

  func reordered(_ observed: Nginx.Observed) -> Nginx.Observed {
    var observed = observed
    observed.certificates =
      observed.certificates.mapValues {
        Nginx.CertificateState(refused: $0.refused, hosts: $0.hosts.reordered)
      }.reordered
    observed.answers = observed.answers.reordered
    return observed
  }

  func spoiled(_ generator: inout SeededGenerator) async throws -> World {
    let world = try await GatewayWorld(GatewayWorld.Kind.available.pick(&generator))
    try await world.deliver()
    switch Int.random(in: 0..<5, using: &generator) {
    case 0: break  // Nothing of ours is there yet.
    case 1:
      try await world.pass()
      try await world.deliver()
    case 2:
      try await world.pass()
      try world.directory.write("# mine\n", to: "conf.d/phoenix-gateway.conf", mode: 0o644)
    case 3:
      try await world.pass()
      try await world.deliver(world.client)
    default:
      try await world.pass()
      try await world.systemctl("stop")
    }
    return World(world: world)
  }

  struct World: LawWorld {
    let world: GatewayWorld
    var system: Nginx { world.nginx }
    var desired: Nginx.Desired { world.desired }
    var now: WallTime { world.world.clock.now }

    func facts() async -> Facts { Facts(Certificates.facts(of: await world.files())) }
    func content() throws -> [String] { try world.directory.content(of: "conf.d", "base") }
    func marks() throws -> [String] { try world.directory.marks(of: "conf.d", "base") }
  }

  private static func right(_ gateway: Nginx.Gateway) -> Nginx.GatewayState {
    let file = GatewayFile(gateway: gateway, generation: "g1")
    return Nginx.GatewayState(
      unit: "active", files: ServiceFilesState([file.file]), generation: "g1", loaded: file.hash)
  }
}
