import FoundationEssentials
import PhoenixCore
import PhoenixHost

@testable import PhoenixSystems

struct LawfulTraefik: LawfulSystem {
  typealias Model = Traefik

  let whole = LawExample.compile(Traefik.self)

  func facts(_ desired: Traefik.Desired) -> [FactKey: Reading<FactValue>] {
    TraefikFixtures.facts(desired)
  }

  func right(_ desired: Traefik.Desired) -> Traefik.Observed { TraefikFixtures.right(desired) }

  func unreadable(_ desired: Traefik.Desired) -> Traefik.Observed {
    Traefik.Observed(
      guest: .unreadable("no route"), loaded: .unreadable("no route"),
      servers: desired.servers.mapValues { _ in .unreadable("no route") },
      routers: desired.routers.mapValues { _ in .unreadable("no route") })
  }

  func random(_ desired: Traefik.Desired, _ generator: inout SeededGenerator) -> Traefik.Observed {
    let right = right(desired)
    var observed = Traefik.Observed()
    guard desired.proxy != nil else { return observed }
    observed.guest =
      Reading.random(&generator) { generator in
        guard var state = right.guest?.value else { return TraefikFixtures.nothing }
        state.unit = ["active", "active", "failed", "missing"].pick(&generator)
        state.isEnabled = generator.chance(80)
        if generator.chance(20) { state.staticFile = ServiceFilesState() }
        if generator.chance(20) { state.dynamicFile = ServiceFilesState() }
        state.staticFile.isTouched = generator.chance(20)
        state.dynamicFile.isUnfinished = generator.chance(20)
        if generator.chance(20) { state.others = ["mine.yml"] }
        return state
      } ?? .unreadable("no answer")
    observed.loaded =
      [right.loaded, right.loaded, .known([]), .unreadable("no route")].pick(&generator)
      ?? .unreadable("no answer")
    for name in desired.servers.keys.sorted() {
      observed.servers[name] = Reading.random(&generator) { generator in
        ServedLeaves(
          fingerprints: [["f-\(name)"], ["f0"], ["f0", "f-\(name)"], []].pick(&generator),
          trouble: "refused")
      }
    }
    for name in desired.routers.keys.sorted() {
      observed.routers[name] = Reading.random(&generator) { generator in
        Traefik.RouterState(troubles: generator.chance(50) ? ["its rule is another"] : [])
      }
    }
    return observed
  }

  func look(
    _ all: Traefik.Observed, at resources: Set<ResourceID>, _ desired: Traefik.Desired
  ) -> Traefik.Observed {
    func names(_ kind: String) -> Set<String> {
      Set(resources.filter { $0.kind == kind }.map(\.name))
    }
    let (served, routers) = (names("served"), names("router"))
    return Traefik.Observed(
      guest: all.guest, loaded: all.loaded, servers: all.servers.filter { served.contains($0.key) },
      routers: all.routers.filter { routers.contains($0.key) })
  }

  /// All that hangs on the guest and on the API: they are looked at with whatever else is.
  func touched(by resource: ResourceID, _ desired: Traefik.Desired) -> Set<ResourceID> {
    guard let proxy = desired.proxy else { return [resource] }
    return Set(
      [resource, proxy.staticResource, proxy.dynamicResource] + desired.servers.values.map(\.resource))
  }

  func reordered(_ desired: Traefik.Desired) -> Traefik.Desired {
    Traefik.Desired(
      proxy: desired.proxy, servers: desired.servers.reordered, routers: desired.routers.reordered)
  }

  func reordered(_ observed: Traefik.Observed) -> Traefik.Observed {
    Traefik.Observed(
      guest: observed.guest, loaded: observed.loaded, servers: observed.servers.reordered,
      routers: observed.routers.reordered)
  }

  func spoiled(_ generator: inout SeededGenerator) async throws -> World {
    let world = try await TraefikWorld(TraefikWorld.Kind.available.pick(&generator))
    try await world.deliver()
    switch Int.random(in: 0..<4, using: &generator) {
    case 0: break  // Nothing of ours is there yet.
    case 1:
      try await world.pass()
      try await world.deliver()
    case 2:
      try await world.pass()
      try world.directory.write("", to: "traefik/dynamic/phoenix.yml", mode: 0o644)
    default:
      try await world.pass()
      try await world.systemctl("stop")
    }
    return World(world: world)
  }

  struct World: LawWorld {
    let world: TraefikWorld
    var system: Traefik { world.traefik }
    var desired: Traefik.Desired { world.desired }
    var now: WallTime { world.world.clock.now }

    func facts() async -> Facts { await world.facts() }
    func content() throws -> [String] { try world.directory.content(of: "traefik", "base") }
    func marks() throws -> [String] { try world.directory.marks(of: "traefik", "base") }
  }
}
