public import PhoenixCore

extension Swarm {
  /// What was seen of the swarm.
  public struct Observed: Codable, Equatable, Sendable {
    /// The manager that answered; absent when nothing of a swarm is declared and nobody was asked.
    public var manager: Reading<String>
    /// The declared nodes, by the numbers of their guests.
    public var nodes: [Int: Reading<NodeState>]
    /// The declared services, by name.
    public var services: [String: Reading<ServiceState>]
    /// Where the declared ports of services are reached from outside the swarm: `10.0.0.111:8080`, sorted.
    public var servers: [ServicePort: Reading<[String]>]

    /// Creates an observation.
    public init(
      manager: Reading<String> = .absent, nodes: [Int: Reading<NodeState>] = [:],
      services: [String: Reading<ServiceState>] = [:], servers: [ServicePort: Reading<[String]>] = [:]
    ) {
      self.manager = manager
      self.nodes = nodes
      self.services = services
      self.servers = servers
    }

    /// Creates the observation of a swarm that could not be asked at all.
    public init(unreadable reason: String, _ desired: Desired) {
      self.init(manager: .unreadable(reason))
      for guest in desired.nodes.keys { nodes[guest] = .unreadable(reason) }
      for (name, service) in desired.services {
        services[name] = .unreadable(reason)
        for port in service.ports { servers[ServicePort(service: name, port: port)] = .unreadable(reason) }
      }
    }
  }

  /// A port within the containers of a service.
  public struct ServicePort: Codable, Hashable, Sendable, Comparable {
    /// The service's name in the swarm.
    public var service: String
    /// The port.
    public var port: Int

    /// Creates a port.
    public init(service: String, port: Int) {
      self.service = service
      self.port = port
    }

    /// By service, then port.
    public static func < (left: ServicePort, right: ServicePort) -> Bool {
      (left.service, left.port) < (right.service, right.port)
    }
  }

  /// A node as the managers see it.
  public struct NodeState: Codable, Hashable, Sendable {
    /// `manager` or `worker`.
    public var role: String
    /// `active`, `pause` or `drain`.
    public var availability: String
    /// `ready`, `down`, `disconnected`, or `unknown` while a new leader has not heard of it yet.
    public var state: String
    /// What the managers say about its state; often nothing.
    public var message: String?

    /// Creates a state.
    public init(role: String, availability: String, state: String, message: String? = nil) {
      self.role = role
      self.availability = availability
      self.state = state
      self.message = message
    }

    /// Why it takes no tasks; nil when it does.
    var trouble: String? {
      if state != "ready" { return "is \(state)" + (message.map { ": \($0)" } ?? "") }
      switch availability {
      case "active": return nil
      case "drain": return "is drained"
      case "pause": return "is paused"
      default: return "is \(availability)"
      }
    }
  }

  /// A service as the managers see it.
  public struct ServiceState: Codable, Hashable, Sendable {
    /// How many of its tasks run.
    public var running: Int
    /// How many should, by its own declaration in the swarm.
    public var wanted: Int
    /// The declared ports that it does not publish, sorted.
    public var unpublished: [Int]
    /// What its last task that failed says of itself; looked for only when fewer run than should.
    public var taskError: String?

    /// Creates a state.
    public init(running: Int, wanted: Int, unpublished: [Int] = [], taskError: String? = nil) {
      self.running = running
      self.wanted = wanted
      self.unpublished = unpublished
      self.taskError = taskError
    }
  }
}
