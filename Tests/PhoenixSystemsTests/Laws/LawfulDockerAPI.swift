import FoundationEssentials
import PhoenixCore

@testable import PhoenixSystems

struct LawfulDockerAPI: LawfulSystem {
  typealias Model = DockerAPI
  private typealias Fixtures = DockerFixtures

  let whole = LawExample.compile(DockerAPI.self)

  private func leaves(_ desired: DockerAPI.Desired) -> [String: [String]] {
    Dictionary(
      desired.clients.map { ($0.name, [String(SHA256.hexDigest(of: Array($0.name.utf8)).prefix(40))]) }
    ) {
      first, _ in first
    }
  }

  func facts(_ desired: DockerAPI.Desired) -> [FactKey: Reading<FactValue>] {
    var facts: [FactKey: Reading<FactValue>] = [:]
    for (name, leaves) in leaves(desired) { facts[.clientFingerprints(name)] = .known(.list(leaves)) }
    for door in desired.doors.values {
      facts[FactKey("certificate.fingerprint", of: door.place.name)] = .known(.text("f-\(door.place.name)"))
    }
    return facts
  }

  private func node(_ guest: Int, _ desired: DockerAPI.Desired) -> DockerAPI.NodeState {
    DockerAPI.NodeState(
      engine: Fixtures.engine(),
      proxy: desired.doors[guest].map { Fixtures.proxy(leaves(desired), desired, $0) },
      listeners: desired.doors[guest] == nil ? [] : [Fixtures.ours])
  }

  private func seen(_ door: DockerAPI.Door, _ desired: DockerAPI.Desired) -> DockerAPI.DoorState {
    Fixtures.seen(leaves(desired), desired, served: "f-\(door.place.name)")
  }

  func right(_ desired: DockerAPI.Desired) -> DockerAPI.Observed {
    DockerAPI.Observed(
      nodes: Dictionary(desired.engines.keys.map { ($0, .known(node($0, desired))) }) { first, _ in first },
      doors: desired.doors.mapValues { .known(seen($0, desired)) },
      plainPorts: desired.engines.mapValues { [$0.login.address: .unreachable("refused")] })
  }

  func unreadable(_ desired: DockerAPI.Desired) -> DockerAPI.Observed {
    DockerAPI.Observed(
      nodes: desired.engines.mapValues { _ in .unreadable("no route") },
      doors: desired.doors.mapValues { _ in .unreadable("no route") })
  }

  func random(_ desired: DockerAPI.Desired, _ generator: inout SeededGenerator) -> DockerAPI.Observed {
    var observed = DockerAPI.Observed()
    for guest in desired.engines.keys.sorted() {
      observed.nodes[guest] =
        Reading.random(&generator) { randomNode(guest, desired, &$0) } ?? .unreadable("no answer")
    }
    for (guest, engine) in desired.engines.sorted(by: { $0.key < $1.key }) {
      observed.plainPorts[guest] = [
        engine.login.address: generator.chance(20) ? .answered(200) : .unreachable("refused")
      ]
    }
    for (guest, door) in desired.doors.sorted(by: { $0.key < $1.key }) {
      let reading = Reading.random(&generator) { generator in
        var state = seen(door, desired)
        state.fingerprints = [state.fingerprints, state.fingerprints, ["other"], []].pick(&generator)
        if generator.chance(20) { state.nobody = [.closed, .answered(200)] }
        if generator.chance(30) {
          for name in state.clients.keys.sorted() where generator.chance(50) {
            state.clients[name]?.answers = [.closed]
          }
        }
        return state
      }
      observed.doors[guest] = reading ?? .unreadable("no answer")
    }
    return observed
  }

  private func randomNode(
    _ guest: Int, _ desired: DockerAPI.Desired, _ generator: inout SeededGenerator
  ) -> DockerAPI.NodeState {
    var state = node(guest, desired)
    if generator.chance(30) { state.engine = Fixtures.engine(["-H", "fd://", "-H", "tcp://0.0.0.0:2375"]) }
    if generator.chance(20) { state.engine.files.isUnfinished = true }
    if generator.chance(20) { state.engine.unit.active = "failed" }
    if generator.chance(20) {
      state.listeners.append(
        DockerAPI.Listener(address: "*", port: 2375, names: ["socat"], processes: [77]))
    }
    guard state.proxy != nil else { return state }
    if generator.chance(20) { state.proxy?.unit.active = "failed" }
    if generator.chance(20) { state.proxy?.program = nil }
    if generator.chance(20) { state.proxy?.loaded = nil }
    if generator.chance(20) { state.proxy?.files.files = [:] }
    if generator.chance(20) { state.proxy?.refused = "g2" }
    return state
  }

  func look(
    _ all: DockerAPI.Observed, at resources: Set<ResourceID>, _ desired: DockerAPI.Desired
  ) -> DockerAPI.Observed {
    let guests = Set(resources.compactMap { Int($0.name) })
    let doors = Set(resources.filter { $0.kind != "engine" }.compactMap { Int($0.name) })
    return DockerAPI.Observed(
      nodes: all.nodes.filter { guests.contains($0.key) }, doors: all.doors.filter { doors.contains($0.key) },
      plainPorts: all.plainPorts.filter { guests.contains($0.key) })
  }

  /// A node is looked at as a whole.
  func touched(by resource: ResourceID, _ desired: DockerAPI.Desired) -> Set<ResourceID> {
    let all =
      desired.engines.values.map(\.resource) + desired.doors.values.flatMap { [$0.proxy, $0.served] }
    return Set(all.filter { $0.name == resource.name })
  }

  func reordered(_ desired: DockerAPI.Desired) -> DockerAPI.Desired {
    var copy = desired
    (copy.engines, copy.doors) = (desired.engines.reordered, desired.doors.reordered)
    return copy
  }

  func reordered(_ observed: DockerAPI.Observed) -> DockerAPI.Observed {
    DockerAPI.Observed(
      nodes: observed.nodes.reordered, doors: observed.doors.reordered,
      plainPorts: observed.plainPorts.reordered)
  }

  func spoiled(_ generator: inout SeededGenerator) async throws -> World {
    guard DockerWorld.isPossible, generator.chance(75) else {
      return World(world: try await DockerConversionTests.ways.pick(&generator).world())
    }
    let world = try await DockerWorld()
    let (_, traefik) = try await world.deliverAll()
    switch Int.random(in: 0..<4, using: &generator) {
    case 0: break  // Nothing of ours is there yet.
    case 1:
      try await world.settle()
      try await world.deliver(world.server)
    case 2:
      try await world.settle()
      world.publish(
        world.traefik.place.name, [traefik, try await world.mint(world.traefik.place.commonName)])
    default:
      try await world.settle()
      try world.directory.write("# mine\n", to: "proxy/nginx.conf", mode: 0o644)
      try await world.systemctl("stop", "phoenix-docker-proxy.service")
    }
    return World(world: world)
  }

  struct World: LawWorld {
    let world: DockerWorld
    var system: DockerAPI { world.system }
    var desired: DockerAPI.Desired { world.desired }
    var now: WallTime { world.world.clock.now }

    func facts() async -> Facts { await world.facts() }
    /// The record of what was loaded holds inodes, and each write makes new ones: a mark, and no content.
    func content() throws -> [String] {
      try world.directory.content(of: "units", "memory").filter { !$0.contains("/loaded ") } + files
    }
    func marks() throws -> [String] {
      try world.directory.marks(of: "units", "memory") + files + ["starts: \(world.starts)"]
    }

    private var files: [String] {
      ["proxy/nginx.conf", "daemon.json"].map { "\($0): \((try? world.directory.text($0)) ?? "-")" }
    }
  }
}
