/// A firewall rule that the files declare.
public struct FirewallRule: Sendable, Hashable, Codable {
  /// Direction, seen from the guest.
  public enum Direction: String, Sendable, Hashable, Codable {
    case inward = "in"
    case outward = "out"
  }

  /// What happens to a packet that matches.
  public enum Action: String, Sendable, Hashable, Codable {
    case accept = "ACCEPT"
    case drop = "DROP"
    case reject = "REJECT"
  }

  /// Protocols that a rule can name.
  public enum NetworkProtocol: String, Sendable, Hashable, Codable {
    case tcp, udp, icmp
  }

  /// Direction.
  public let direction: Direction
  /// What happens to a packet that matches.
  public let action: Action
  /// Protocol; nil for any.
  public let networkProtocol: NetworkProtocol?
  /// Where it comes from, as Proxmox takes it; nil for anywhere.
  public let source: String?
  /// Where it goes to, as Proxmox takes it; nil for anywhere.
  public let destination: String?
  /// Destination ports, rising and merged; nil for all.
  public let ports: [PortRange]?
  /// For people; empty for none.
  public let comment: String
  /// Where it is declared; nil for rules that Phoenix adds by itself.
  public let location: Location?

  /// Creates a rule.
  public init(
    _ direction: Direction, _ action: Action, _ networkProtocol: NetworkProtocol? = nil,
    source: String? = nil,
    destination: String? = nil, ports: [PortRange]? = nil, comment: String = "", location: Location? = nil
  ) {
    self.direction = direction
    self.action = action
    self.networkProtocol = networkProtocol
    self.source = source
    self.destination = destination
    self.ports = ports
    self.comment = comment
    self.location = location
  }

  /// Whether the rule lets in what goes to a port. Order, source and destination do not count.
  public func admits(port: Int, over wanted: NetworkProtocol) -> Bool {
    direction == .inward && action == .accept && (networkProtocol == nil || networkProtocol == wanted)
      && (ports.map { $0.contains { $0.contains(port) } } ?? true)
  }

  /// Whether another rule does the same to the same packets; comments and places do not count.
  public func isSame(as other: FirewallRule) -> Bool { bare == other.bare }

  /// The rule without comment and place.
  public var bare: FirewallRule {
    FirewallRule(direction, action, networkProtocol, source: source, destination: destination, ports: ports)
  }

  /// The ports as Proxmox takes them, such as `80,443,8000:8010`.
  public var portText: String? { ports.map { $0.map(\.description).joined(separator: ",") } }
}

/// A guest's firewall as the files declare it.
public struct GuestFirewall: Sendable, Equatable, Codable {
  /// What the file says; it filters packets only then.
  public var isEnabled: Bool
  /// All rules in their order, each one once.
  public var rules: [FirewallRule]
  /// For packets in that no rule matches.
  public var inputPolicy: FirewallRule.Action
  /// For packets out that no rule matches.
  public var outputPolicy: FirewallRule.Action
  /// Where it is declared.
  public var location: Location

  /// Creates a firewall.
  public init(
    isEnabled: Bool, rules: [FirewallRule], inputPolicy: FirewallRule.Action = .drop,
    outputPolicy: FirewallRule.Action = .accept, location: Location
  ) {
    self.isEnabled = isEnabled
    self.rules = rules
    self.inputPolicy = inputPolicy
    self.outputPolicy = outputPolicy
    self.location = location
  }

  /// Whether rules are declared and switched off. On a swarm node that is held, unless policy enforces them.
  public var isSwitchedOffBesideRules: Bool { !isEnabled && !rules.isEmpty }
}

/// The datacenter's firewall as the files declare it. It filters packets to and from the hosts.
public struct DatacenterFirewall: Sendable, Equatable, Codable {
  /// What the file says.
  public var isEnabled: Bool
  /// For packets in that no rule matches; nil leaves what is.
  public var inputPolicy: FirewallRule.Action?
  /// For packets out that no rule matches; nil leaves what is.
  public var outputPolicy: FirewallRule.Action?
  /// All rules in their order, each one once.
  public var rules: [FirewallRule]
  /// Where it is declared.
  public var location: Location

  /// Creates a firewall.
  public init(
    isEnabled: Bool, inputPolicy: FirewallRule.Action? = nil, outputPolicy: FirewallRule.Action? = nil,
    rules: [FirewallRule], location: Location
  ) {
    self.isEnabled = isEnabled
    self.inputPolicy = inputPolicy
    self.outputPolicy = outputPolicy
    self.rules = rules
    self.location = location
  }
}
