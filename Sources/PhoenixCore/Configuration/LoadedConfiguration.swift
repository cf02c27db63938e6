/// The users' files as a whole: read, checked and decoded.
public struct LoadedConfiguration: Sendable {
  /// The files.
  public let nodes: ConfigurationNodes
  /// What several systems read of them.
  public let inventory: Inventory
  /// Everything the operator should know, in the order of files and lines.
  public let findings: [Finding]
  /// SHA-256 of the content, in hexadecimal; see `ConfigurationNodes.digest`.
  public let desiredDigest: String

  /// Checks and decodes the files.
  ///
  /// - Parameters:
  ///   - nodes: The files.
  ///   - readingFindings: What reading them found.
  public init(_ nodes: ConfigurationNodes, readingFindings: [Finding] = []) {
    var (nodes, findings) = (nodes, readingFindings)
    nodes.unreadable.formUnion(nodes.misshapen)
    for part in ConfigurationPart.allCases {
      if let root = nodes[part] { findings += ShapeCheck.findings(in: root, of: part.shape) }
    }
    let inventory = Inventory(decoding: nodes, findings: &findings)
    let subject = ConfigurationCheck(nodes, inventory)
    for check in Self.checks { findings += check(subject) }
    self.init(nodes, inventory, findings, desiredDigest: nodes.digest)
  }

  private init(
    _ nodes: ConfigurationNodes, _ inventory: Inventory, _ findings: [Finding], desiredDigest: String
  ) {
    self.nodes = nodes
    self.inventory = inventory
    self.findings = findings.inOrder.limited(to: Self.findingLimit)
    self.desiredDigest = desiredDigest
  }

  /// The same configuration with more findings.
  public func adding(_ more: [Finding]) -> LoadedConfiguration {
    LoadedConfiguration(nodes, inventory, findings + more, desiredDigest: desiredDigest)
  }

  /// Findings of one file beyond this are counted only.
  static let findingLimit = 1000

  /// Whether it must not be used: exit 78 at start, and the old one stays in force at a reload.
  public var hasErrors: Bool { findings.contains { $0.severity == .error } }

  private static let checks: [@Sendable (ConfigurationCheck) -> [Finding]] = [
    { $0.declarations() }, { $0.references() }, { $0.cycles() }, { $0.duplicates() }, { $0.certificates() },
    { $0.firewalls() }, { $0.exposedAuthority() }, { $0.secrets() }, { $0.swarm() }, { $0.settings() },
  ]
}

/// What the checks look at; each one is an extension in a file of its own.
struct ConfigurationCheck: Sendable {
  let nodes: ConfigurationNodes
  let inventory: Inventory
  /// The guests as they stand in the files, also those whose numbers clash.
  let guests: [GuestNode]
  /// The same by number; of those whose numbers clash the first.
  let firstGuest: [Int: GuestNode]
  let stacks: [String: Stack]

  init(_ nodes: ConfigurationNodes, _ inventory: Inventory) {
    self.nodes = nodes
    self.inventory = inventory
    guests = GuestNode.list(nodes)
    firstGuest = Dictionary(guests.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    stacks = inventory.stacksByName
  }

  /// Whether every file that declares guests could be read, so that a missing guest is really missing.
  var knowsAllGuests: Bool { nodes.unreadable.isDisjoint(with: [.containers, .machines]) }
}

/// A guest with its node.
struct GuestNode: Sendable {
  let id: Int
  let kind: Guest.Kind
  let node: Node
  let location: Location

  static func list(_ nodes: ConfigurationNodes) -> [GuestNode] {
    let containers = (nodes.containers?["lxc_configs"]?.members ?? []).compactMap { member in
      Int(member.key).map {
        GuestNode(id: $0, kind: .container, node: member.value, location: member.keyLocation)
      }
    }
    let machines = (nodes.machines?["vms"]?.elements ?? []).compactMap { node in
      node["vmid"]?.guestID.map { GuestNode(id: $0, kind: .machine, node: node, location: node.location) }
    }
    return containers + machines
  }

  /// What people call it: `Step-CA (103)`.
  var title: String { node["name"]?.string.map { "\($0.escapedForTerminals) (\(id))" } ?? "guest \(id)" }

  /// Its network sections, the first device first.
  var networks: [Node] { [node["network_config"], node["secondary_network_config"]].compactMap { $0 } }
}
