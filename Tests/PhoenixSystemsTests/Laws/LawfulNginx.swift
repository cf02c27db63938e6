import FoundationEssentials
import PhoenixCore

@testable import PhoenixSystems

struct LawfulNginx: LawfulSystem {
  typealias Model = Nginx

  let whole = LawExample.compile(Nginx.self)

  func facts(_ desired: Nginx.Desired) -> [FactKey: Reading<FactValue>] {
    let pairs = desired.servers.keys.map {
      (FactKey("certificate.fingerprint", of: $0), Reading<FactValue>.known(.text("f-\($0)")))
    }
    return Dictionary(pairs) { first, _ in first }
  }

  func right(_ desired: Nginx.Desired) -> Nginx.Observed {
    Nginx.Observed(
      gateways: desired.gateways.mapValues { .known(Self.right($0)) },
      servers: desired.servers.mapValues { .known(Nginx.ServerState(fingerprints: ["f-\($0.place.name)"])) })
  }

  func unreadable(_ desired: Nginx.Desired) -> Nginx.Observed {
    Nginx.Observed(
      gateways: desired.gateways.mapValues { _ in .unreadable("no route") },
      servers: desired.servers.mapValues { _ in .unreadable("no route") })
  }

  func random(_ desired: Nginx.Desired, _ generator: inout SeededGenerator) -> Nginx.Observed {
    var observed = Nginx.Observed()
    for (guest, gateway) in desired.gateways.sorted(by: { $0.key < $1.key }) {
      let reading = Reading.random(&generator) { generator in
        var state = Self.right(gateway)
        state.unit = ["active", "active", "failed", "missing"].pick(&generator)
        state.sha256 = [state.sha256, state.sha256, "other", nil].pick(&generator)
        state.isUnfinished = generator.chance(20)
        if generator.chance(20) { state.claims = ["/etc/nginx/x:1 is the default server"] }
        return state
      }
      observed.gateways[guest] = reading ?? .unreadable("no answer")
    }
    for name in desired.servers.keys.sorted() {
      observed.servers[name] = Reading.random(&generator) { generator in
        Nginx.ServerState(
          fingerprints: [["f-\(name)"], ["f0"], ["f0", "f-\(name)"], []].pick(&generator), trouble: "refused",
          refused: generator.chance(20) ? "g2" : nil)
      }
    }
    return observed
  }

  func look(
    _ all: Nginx.Observed, at resources: Set<ResourceID>, _ desired: Nginx.Desired
  ) -> Nginx.Observed {
    let guests = Set(resources.compactMap { guest(of: $0, desired) })
    let names = Set(resources.filter { $0.kind == "served" }.map(\.name))
    return Nginx.Observed(
      gateways: all.gateways.filter { guests.contains($0.key) },
      servers: all.servers.filter { names.contains($0.key) })
  }

  /// Whatever is served by the same nginx: whether it runs is seen with each of them.
  func touched(by resource: ResourceID, _ desired: Nginx.Desired) -> Set<ResourceID> {
    let all = desired.gateways.values.map(\.resource) + desired.servers.values.map(\.resource)
    return Set(all.filter { guest(of: $0, desired) == guest(of: resource, desired) })
  }

  private func guest(of resource: ResourceID, _ desired: Nginx.Desired) -> Int? {
    resource.kind == "served" ? desired.servers[resource.name]?.login.guest : Int(resource.name)
  }

  func reordered(_ desired: Nginx.Desired) -> Nginx.Desired {
    Nginx.Desired(gateways: desired.gateways.reordered, servers: desired.servers.reordered)
  }

  func reordered(_ observed: Nginx.Observed) -> Nginx.Observed {
    Nginx.Observed(gateways: observed.gateways.reordered, servers: observed.servers.reordered)
  }

  func spoiled(_ generator: inout SeededGenerator) async throws -> World {
    let world = try await GatewayWorld(GatewayWorld.Kind.available.pick(&generator))
    try await world.deliver()
    switch Int.random(in: 0..<4, using: &generator) {
    case 0: break  // Nothing of ours is there yet.
    case 1:
      try await world.pass()
      try await world.deliver()
    case 2:
      try await world.pass()
      try world.directory.write("# mine\n", to: "conf.d/phoenix-gateway.conf", mode: 0o644)
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
    Nginx.GatewayState(unit: "active", sha256: gateway.sha256)
  }
}
