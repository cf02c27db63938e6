public import PhoenixCore

extension Swarm {
  /// What should be: how the managers are reached, which guests are nodes, which services run.
  public struct Desired: Codable, Equatable, Sendable {
    /// The APIs of the managers, such as `https://10.0.0.111:2376`, tried in this order.
    public var managers: [String]
    /// The name of phoenixd's own client certificate; nil when the files give it none.
    public var certificate: String?
    /// The nodes, by the numbers of their guests.
    public var nodes: [Int: DesiredNode]
    /// The services with a route, by their names in the swarm.
    public var services: [String: DesiredService]

    /// Creates a desired state.
    public init(
      managers: [String] = [], certificate: String? = nil, nodes: [Int: DesiredNode] = [:],
      services: [String: DesiredService] = [:]
    ) {
      self.managers = managers
      self.certificate = certificate
      self.nodes = nodes
      self.services = services
    }
  }

  /// A guest that is a node of the swarm.
  public struct DesiredNode: Codable, Hashable, Sendable {
    /// The guest's name, for people.
    public var name: String
    /// Its static addresses, the one at which it is reached first.
    public var addresses: [String]
    /// Its part in the swarm.
    public var role: Guest.SwarmRole

    /// Creates a node.
    public init(name: String, addresses: [String], role: Guest.SwarmRole) {
      self.name = name
      self.addresses = addresses
      self.role = role
    }
  }

  /// A service that the gateway has routes to.
  public struct DesiredService: Codable, Hashable, Sendable {
    /// The names of its routers, sorted.
    public var routers: [String]
    /// The ports within the container that the routes name, sorted.
    public var ports: [Int]

    /// Creates a service.
    public init(routers: [String], ports: [Int]) {
      self.routers = routers
      self.ports = ports
    }
  }

  static func nodeResource(_ guest: Int) -> ResourceID { ResourceID(.swarm, "node", "\(guest)") }

  static func serviceResource(_ name: String) -> ResourceID { ResourceID(.swarm, "service", name) }

  /// Makes the desired swarm out of the users' files: the guests with a part in it, and the services of the stacks'
  /// routes.
  public static func compile(_ inventory: Inventory, _ nodes: ConfigurationNodes) -> Compiled<Desired> {
    var desired = Desired(
      managers: inventory.settings.dockerManagers.compactMap(secure),
      certificate: inventory.ownCertificate?.name)
    var resources: [DeclaredResource] = []
    for guest in inventory.guests where !guest.isTemplate {
      guard let role = guest.swarmRole, let address = guest.address else { continue }
      let others = guest.addresses.filter { $0 != address }
      desired.nodes[guest.id] = DesiredNode(name: guest.name, addresses: [address] + others, role: role)
      resources.append(DeclaredResource(nodeResource(guest.id), at: guest.location))
    }
    let routes = Dictionary(grouping: inventory.stackRoutes, by: \.swarmService)
    for (name, routes) in routes.sorted(by: { $0.key < $1.key }) {
      desired.services[name] = DesiredService(
        routers: routes.map(\.name).sorted(), ports: Set(routes.compactMap(\.port)).sorted())
      resources.append(DeclaredResource(serviceResource(name), at: routes.first?.location))
    }
    let place = nodes.daemon?["docker"]?["managers"]
    var findings = inventory.settings.dockerManagers.filter { ServiceAddress($0)?.port == 2375 }.map {
      manager in
      Finding(
        .warning, at: place?.elements.first { $0.string == manager }?.location ?? place?.location,
        "docker.managers names \(manager): that is the port of the Docker API without TLS, which Phoenix keeps closed",
        hint: "name port 2376 in phoenixd.json")
    }
    if desired.managers.isEmpty, let first = resources.first {
      findings.append(
        Finding(
          .warning, at: first.location, resource: first.id,
          "no manager of the swarm is known, so it cannot be looked at",
          hint: "give a machine \"swarm_role\": \"manager\", or set docker.managers in phoenixd.json"))
    }
    return Compiled(desired, resources: resources, findings: findings)
  }

  /// `https://10.0.0.111:2376` for `tcp://10.0.0.111:2376`: Docker writes its addresses so, and speaks HTTPS there.
  private static func secure(_ address: String) -> String? {
    ServiceAddress(address).map { "https://\($0.host.asURLHost):\($0.port)" }
  }
}
