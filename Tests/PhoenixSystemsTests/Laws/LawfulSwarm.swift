import PhoenixCore

@testable import PhoenixSystems

struct LawfulSwarm: LawfulSystem {
  typealias Model = Swarm

  let whole = LawExample.compile(Swarm.self)

  var isOnlyLookedAt: Bool { true }

  func facts(_ desired: Swarm.Desired) -> [FactKey: Reading<FactValue>] { [:] }

  func right(_ desired: Swarm.Desired) -> Swarm.Observed {
    seen(desired, node: { .known(Self.node($0)) }, service: { _ in .known(Self.service) })
  }

  func unreadable(_ desired: Swarm.Desired) -> Swarm.Observed {
    Swarm.Observed(unreadable: "no route", desired)
  }

  func random(_ desired: Swarm.Desired, _ generator: inout SeededGenerator) -> Swarm.Observed {
    var nodes = SeededGenerator(seed: generator.next())
    var services = SeededGenerator(seed: generator.next())
    return seen(
      desired,
      node: { node in
        Reading.random(&nodes) { generator in
          var state = Self.node(node)
          state.state = ["ready", "ready", "down", "unknown"].pick(&generator)
          state.availability = ["active", "active", "drain", "pause"].pick(&generator)
          return state
        }
      },
      service: { service in
        Reading.random(&services) { generator in
          Swarm.ServiceState(
            running: Int.random(in: 0...2, using: &generator), wanted: 1,
            unpublished: generator.chance(30) ? service.ports : [])
        }
      })
  }

  func look(_ all: Swarm.Observed, at resources: Set<ResourceID>, _ desired: Swarm.Desired) -> Swarm.Observed
  { all }

  /// The whole swarm is looked at, whatever is asked for.
  func touched(by resource: ResourceID, _ desired: Swarm.Desired) -> Set<ResourceID> {
    Set(whole.resources.map(\.id))
  }

  func reordered(_ desired: Swarm.Desired) -> Swarm.Desired {
    var desired = desired
    desired.nodes = desired.nodes.reordered
    desired.services = desired.services.reordered
    return desired
  }

  func reordered(_ observed: Swarm.Observed) -> Swarm.Observed {
    Swarm.Observed(
      manager: observed.manager, nodes: observed.nodes.reordered, services: observed.services.reordered,
      servers: observed.servers.reordered)
  }

  /// A manager that answers, now as it should and now with something missing or wrong.
  func spoiled(_ generator: inout SeededGenerator) async throws -> World {
    let fake = try FakeSwarm()
    let edit = [
      ("drphoenix", "drphoenix"), ("ready", "down"), ("active", "drain"), ("10.0.0.102", "10.0.0.9"),
    ]
    fake.edit("nodes", edit.pick(&generator))
    if generator.chance(50) { fake.answer("services", 500, "{}") }
    return World(fake: fake, system: FakeSwarm.system(), desired: FakeSwarm.desired(fake.server.endpoint))
  }

  struct World: LawWorld {
    let fake: FakeSwarm
    let system: Swarm
    let desired: Swarm.Desired
    var now: WallTime { CertificateFixtures.now }

    func facts() async -> Facts { Facts() }
    func content() -> [String] { marks() }
    func marks() -> [String] { fake.server.requests.filter { !$0.hasPrefix("GET") } }
  }

  private func seen(
    _ desired: Swarm.Desired, node: (Swarm.DesiredNode) -> Reading<Swarm.NodeState>?,
    service: (Swarm.DesiredService) -> Reading<Swarm.ServiceState>?
  ) -> Swarm.Observed {
    var observed = Swarm.Observed(manager: .known("https://10.0.0.111:2376"))
    for (guest, wanted) in desired.nodes.sorted(by: { $0.key < $1.key }) {
      observed.nodes[guest] = node(wanted)
    }
    for (name, wanted) in desired.services.sorted(by: { $0.key < $1.key }) {
      let reading = service(wanted)
      observed.services[name] = reading
      for port in wanted.ports {
        observed.servers[Swarm.ServicePort(service: name, port: port)] = reading?.map { _ in
          ["10.0.0.111:\(port)"]
        }
      }
    }
    return observed
  }

  private static func node(_ desired: Swarm.DesiredNode) -> Swarm.NodeState {
    Swarm.NodeState(role: desired.role.rawValue, availability: "active", state: "ready")
  }

  private static let service = Swarm.ServiceState(running: 1, wanted: 1)
}
