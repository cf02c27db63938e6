/// A container or a virtual machine.
public struct Guest: Sendable, Equatable, Codable, Identifiable {
  /// What kind of guest it is.
  public enum Kind: String, Sendable, Hashable, Codable {
    case container = "lxc"
    case machine = "vm"
  }

  /// Its part in the Docker swarm.
  public enum SwarmRole: String, Sendable, Hashable, Codable {
    case manager, worker
  }

  /// Its part in Portainer.
  public enum PortainerRole: String, Sendable, Hashable, Codable {
    case primary, agent
  }

  /// Number (vmid).
  public let id: Int
  /// Host name.
  public let name: String
  /// What kind of guest it is.
  public let kind: Kind
  /// Where it is declared.
  public let location: Location
  /// Its network devices, the first one first.
  public var interfaces: [GuestInterface] = []
  /// Whether others are cloned from it and it never runs.
  public var isTemplate = false
  /// The guest that it is cloned from.
  public var cloneSource: Int?
  /// Guests that must be ready first, without what it is cloned from.
  public var dependencies: [Int] = []
  /// Its part in the Docker swarm.
  public var swarmRole: SwarmRole?
  /// Its part in Portainer.
  public var portainerRole: PortainerRole?
  /// The name of its Portainer agent, which Traefik has a route for.
  public var portainerAgentName: String?
  /// The user whom Phoenix logs in as: user_config.username in machines (with sudo); nil in containers, where
  /// `DaemonSettings.shell` says it.
  public var loginUser: String?
  /// Provisioning steps.
  public var features: [String] = []
  /// The stacks that run on it.
  public var stacks: [StackReference] = []
  /// The service that Traefik routes to.
  public var service: RoutedService?
  /// Its firewall; nil when its rules are not ours.
  public var firewall: GuestFirewall?

  /// Creates a guest.
  public init(id: Int, name: String, kind: Kind, location: Location) {
    self.id = id
    self.name = name
    self.kind = kind
    self.location = location
  }

  /// The address at which it is reached: of the first device that has a static one; nil when all are by dhcp.
  public var address: String? {
    interfaces.lazy.compactMap(\.block).first.flatMap { AddressBlock($0)?.address.description }
  }

  /// All its static addresses, without prefixes.
  public var addresses: [String] {
    interfaces.compactMap { $0.block.flatMap { AddressBlock($0)?.address.description } }
  }
}

/// A network device of a guest.
public struct GuestInterface: Sendable, Equatable, Codable {
  /// Name in the guest, such as eth0.
  public let name: String
  /// Static address with prefix; nil by dhcp.
  public let block: String?
  /// Hardware address in capital letters; nil when Proxmox chooses it.
  public let mac: String?
  /// Gateway.
  public let gateway: String?
  /// Bridge of the host; nil for the default.
  public let bridge: String?
  /// DNS servers.
  public let nameservers: [String]

  /// Creates a device.
  public init(
    name: String, block: String? = nil, mac: String? = nil, gateway: String? = nil, bridge: String? = nil,
    nameservers: [String] = []
  ) {
    self.name = name
    self.block = block
    self.mac = mac
    self.gateway = gateway
    self.bridge = bridge
    self.nameservers = nameservers
  }
}

/// A service of a guest that Traefik routes to.
public struct RoutedService: Sendable, Equatable, Codable {
  /// The guest that runs it.
  public let guest: Int
  /// It is reached as NAME.domain.
  public let name: String
  /// Where it listens.
  public let port: Int
  /// http or https.
  public let scheme: String
  /// Where it is declared.
  public let location: Location

  /// Creates a service.
  public init(guest: Int, name: String, port: Int, scheme: String = "http", location: Location) {
    self.guest = guest
    self.name = name
    self.port = port
    self.scheme = scheme
    self.location = location
  }
}
