import PhoenixCore

/// What the API says of the swarm, as far as Phoenix reads it.
struct LiveSwarm: Equatable, Sendable {
  var nodes: Reading<[LiveNode]>
  var services: Reading<[LiveService]>
  var tasks: Reading<[LiveTask]>

  /// Creates it from what was read.
  init(nodes: Reading<[LiveNode]>, services: Reading<[LiveService]>, tasks: Reading<[LiveTask]>) {
    self.nodes = nodes
    self.services = services
    self.tasks = tasks
  }

  /// A swarm of which nothing could be read.
  init(unreadable reason: String) {
    (nodes, services, tasks) = (.unreadable(reason), .unreadable(reason), .unreadable(reason))
  }

  /// Why something of it could not be read, the first part first.
  var troubles: [String] {
    [nodes.unreadableReason, services.unreadableReason, tasks.unreadableReason].compactMap { $0 }
  }

  /// Whether a part of it could be read.
  var isReadable: Bool { troubles.count < 3 }
}

/// One node.
struct LiveNode: Equatable, Sendable {
  var id: String
  /// Where it is reached; nil when the managers do not know it.
  var address: String?
  var role: String
  var availability: String
  var state: String
  var message: String?
}

/// One service.
struct LiveService: Equatable, Sendable {
  var id: String
  var name: String
  /// Its published TCP ports.
  var ports: [LivePort]
  /// How many tasks it should have; nil when the API does not say.
  var wanted: Int?
}

/// A published TCP port.
struct LivePort: Equatable, Sendable {
  var target: Int
  /// Nil when Docker chooses one for each task.
  var published: Int?
  /// Whether every node forwards it, and not just those that run a task.
  var isIngress: Bool
}

/// One task: a container of a service, or what became of it.
struct LiveTask: Equatable, Sendable {
  /// Nil for a container that is no service's.
  var service: String?
  /// Nil while no node was chosen.
  var node: String?
  var state: String
  /// The ports that this one publishes by itself, in host mode.
  var ports: [LivePort] = []
  /// Rises with every change of it.
  var version = 0
  var error: String?
}

extension LiveSwarm {
  /// What of it is declared.
  func observed(_ desired: Swarm.Desired, from manager: String) -> Swarm.Observed {
    var observed = Swarm.Observed(manager: .known(manager))
    let nodes = nodes.map { NodeTable($0, desired) }
    for guest in desired.nodes.keys {
      switch nodes {
      case .known(let table): observed.nodes[guest] = table.guests[guest].map { .known($0.seen) } ?? .absent
      case .unreadable(let reason): observed.nodes[guest] = .unreadable(reason)
      case .absent: observed.nodes[guest] = .absent
      }
    }
    for (name, wanted) in desired.services {
      let service = service(named: name)
      observed.services[name] = Self.both(service, tasks) { service, tasks in
        service.seen(running: tasks.filter { $0.runs(service) }.count, ports: wanted.ports)
      }
      for port in wanted.ports {
        observed.servers[Swarm.ServicePort(service: name, port: port)] =
          Self.both(service, Self.both(nodes, tasks) { ($0, $1) }) { service, world in
            service.servers(of: port, by: world.1.filter { $0.runs(service) }, on: world.0)
          }
      }
    }
    return observed
  }

  /// The services that have fewer running tasks than they should, by id, among the declared ones.
  func short(_ desired: Swarm.Desired) -> [String: String] {
    guard let services = services.value, let tasks = tasks.value else { return [:] }
    let short = services.filter { service in
      desired.services[service.name] != nil
        && tasks.filter { $0.runs(service) }.count < service.wanted ?? 0
    }
    return Dictionary(short.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
  }

  private func service(named name: String) -> Reading<LiveService> {
    switch services {
    case .known(let all): all.first { $0.name == name }.map { .known($0) } ?? .absent
    case .absent: .absent
    case .unreadable(let reason): .unreadable(reason)
    }
  }

  /// Something made of two readings. What is absent needs no second one.
  private static func both<First, Second, Result>(
    _ first: Reading<First>, _ second: Reading<Second>, _ make: (First, Second) -> Result
  ) -> Reading<Result> {
    switch (first, second) {
    case (.known(let first), .known(let second)): .known(make(first, second))
    case (.absent, _): .absent
    case (.unreadable(let reason), _), (_, .unreadable(let reason)): .unreadable(reason)
    case (_, .absent): .absent
    }
  }
}

/// The nodes, and which guest each one is.
private struct NodeTable {
  private(set) var guests: [Int: LiveNode] = [:]
  private let nodes: [LiveNode]
  /// The guests' addresses at which they are reached, by all their addresses.
  private let addresses: [String: String]

  init(_ nodes: [LiveNode], _ desired: Swarm.Desired) {
    self.nodes = nodes
    var owners: [String: Int] = [:]
    var addresses: [String: String] = [:]
    for (guest, node) in desired.nodes {
      for address in node.addresses {
        owners[address] = guest
        addresses[address] = node.addresses.first
      }
    }
    self.addresses = addresses
    for node in nodes.sorted(by: { $0.id < $1.id }) {
      guard let guest = node.address.flatMap({ owners[$0] }) else { continue }
      // A node that left and came back stands there twice, once as down.
      if guests[guest].map({ $0.isDown && !node.isDown }) ?? true { guests[guest] = node }
    }
  }

  /// The addresses of nodes that may answer. One of which the leader has not heard yet may well.
  func reachable(_ isMeant: (LiveNode) -> Bool) -> [(id: String, address: String)] {
    nodes.filter { !$0.isDown && isMeant($0) }.compactMap { node in
      node.address.map { (node.id, addresses[$0] ?? $0) }
    }
  }
}

extension LiveNode {
  fileprivate var isDown: Bool { state == "down" }

  fileprivate var seen: Swarm.NodeState {
    Swarm.NodeState(role: role, availability: availability, state: state, message: message)
  }
}

extension LiveTask {
  fileprivate func runs(_ service: LiveService) -> Bool { self.service == service.id && state == "running" }
}

extension LiveService {
  fileprivate func seen(running: Int, ports: [Int]) -> Swarm.ServiceState {
    Swarm.ServiceState(
      running: running, wanted: wanted ?? running,
      unpublished: ports.filter { port in !self.ports.contains { $0.target == port } })
  }

  /// Where a port of it is reached from outside the swarm.
  fileprivate func servers(of target: Int, by tasks: [LiveTask], on nodes: NodeTable) -> [String] {
    guard !tasks.isEmpty else { return [] }
    var servers: Set<String> = []
    for port in ports where port.target == target {
      if port.isIngress {
        guard let published = port.published else { continue }
        servers.formUnion(nodes.reachable { _ in true }.map { "\($0.address.asURLHost):\(published)" })
        continue
      }
      for task in tasks {
        let own = task.ports.first { $0.target == target }?.published
        guard let published = own ?? port.published else { continue }
        servers.formUnion(
          nodes.reachable { $0.id == task.node }.map { "\($0.address.asURLHost):\(published)" })
      }
    }
    return servers.sorted()
  }
}
