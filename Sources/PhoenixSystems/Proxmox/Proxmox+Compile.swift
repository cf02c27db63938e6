public import PhoenixCore

extension Proxmox {
  /// Makes the desired guests and firewalls out of the users' files: of these the declared rules, those of the guest's
  /// stacks, and what the guest must let in although the files forget it.
  public static func compile(_ inventory: Inventory, _ nodes: ConfigurationNodes) -> Compiled<Desired> {
    let settings = inventory.settings.proxmox
    let access = Access(
      endpoints: settings.endpoints, node: settings.node, certificateAuthorityFile: settings.rootFile,
      tokenCredential: settings.tokenCredential)
    var compiler = FirewallCompiler(inventory)
    for guest in inventory.guests { compiler.add(guest) }
    if let declared = inventory.datacenterFirewall { compiler.add(declared) }
    let guests = GuestCompiler(inventory, nodes, filtered: Set(compiler.firewalls.keys))
    return Compiled(
      Desired(
        access: access, firewalls: compiler.firewalls, datacenter: compiler.datacenter, guests: guests.desired
      ),
      resources: guests.resources + compiler.resources, findings: guests.findings + compiler.findings)
  }
}

/// Makes guests' firewalls, one after another.
private struct FirewallCompiler {
  private let inventory: Inventory
  private let strangers: NodeStrangers
  private let ways: NeededWays
  private(set) var datacenter: Proxmox.DesiredDatacenter?
  private(set) var firewalls: [Int: Proxmox.DesiredFirewall] = [:]
  private(set) var resources: [DeclaredResource] = []
  private(set) var findings: [Finding] = []

  init(_ inventory: Inventory) {
    self.inventory = inventory
    strangers = NodeStrangers(inventory)
    ways = NeededWays(inventory)
  }

  mutating func add(_ declared: DatacenterFirewall) {
    datacenter = Proxmox.DesiredDatacenter(
      isEnabled: declared.isEnabled, policyIn: declared.inputPolicy.map { Proxmox.PacketPolicy($0) },
      policyOut: declared.outputPolicy.map { Proxmox.PacketPolicy($0) },
      // What is said about a rule is not worth a report that only a person can end.
      rules: declared.rules.map { Proxmox.Rule($0.bare) })
    resources.append(DeclaredResource(Proxmox.datacenterResource, at: declared.location))
  }

  mutating func add(_ guest: Guest) {
    if let declared = guest.firewall {
      firewalls[guest.id] = firewall(of: guest, declared)
      resources.append(DeclaredResource(Proxmox.firewallResource(guest.id), at: declared.location))
    } else if guest.swarmRole != nil {
      let resource = Proxmox.firewallResource(guest.id)
      findings.append(strangers.finding(aboutUndeclared: guest, resource))
      firewalls[guest.id] = Proxmox.DesiredFirewall(
        kind: guest.kind.inProxmox, guestName: guest.name, target: .dockerAPIClosed)
      resources.append(DeclaredResource(resource, at: guest.location))
    }
  }

  private mutating func firewall(
    of guest: Guest, _ declared: GuestFirewall
  ) -> Proxmox.DesiredFirewall {
    let resource = Proxmox.firewallResource(guest.id)
    let isSwarmNode = guest.swarmRole != nil
    let policyIn = Proxmox.PacketPolicy(declared.inputPolicy)
    let sources = declaredRules(guest, declared)
    if isSwarmNode {
      findings += sources.flatMap { strangers.findings($0, of: guest, resource) }
      findings += [strangers.finding(aboutPolicyOf: guest, declared, resource)].compactMap { $0 }
    }
    var rules = sources.map { Proxmox.Rule($0) }
    var own: [Proxmox.OwnWay] = []
    let address = guest.address.flatMap { IPAddress($0) }
    for way in ways.of(guest) {
      let (added, obstacles) = way.completing(rules, policy: policyIn, guestAddress: address)
      rules += added
      for obstacle in obstacles { report(obstacle, at: sources, of: guest, resource) }
      guard way.isOwn else { continue }
      own += way.sources.map {
        Proxmox.OwnWay(way.purpose, from: $0.description, to: address?.description, port: way.port)
      }
    }
    let isEnforced = isSwarmNode && !declared.isEnabled
    let isHeld = isEnforced && !inventory.settings.policy.enforceDockerFirewall
    return Proxmox.DesiredFirewall(
      kind: guest.kind.inProxmox, guestName: guest.name,
      target: .exactly(
        options: Proxmox.FirewallOptions(
          isEnabled: declared.isEnabled || isSwarmNode, policyIn: policyIn,
          policyOut: Proxmox.PacketPolicy(declared.outputPolicy)),
        rules: rules, closesDockerAPI: isSwarmNode),
      ownWays: own,
      hold: isHeld
        ? "the file says \"enabled\": false, and that leaves the Docker ports of this swarm node unprotected; "
          + "set \"enabled\": true, or policy.enforce_docker_firewall" : nil)
  }

  /// The guest's own rules, then those of the stacks that run on it; each once.
  private func declaredRules(_ guest: Guest, _ declared: GuestFirewall) -> [FirewallRule] {
    var rules = declared.rules
    for reference in guest.stacks {
      let stack = inventory.stacks.first { $0.name == reference.name }
      for rule in stack?.firewallRules[reference.environment] ?? []
      where !rules.contains(where: { $0.isSame(as: rule) }) {
        rules.append(rule)
      }
    }
    return rules
  }

  private mutating func report(
    _ obstacle: NeededWay.Obstacle, at sources: [FirewallRule], of guest: Guest, _ resource: ResourceID
  ) {
    let way = obstacle.way
    let location = sources.indices.contains(obstacle.rule) ? sources[obstacle.rule].location : nil
    findings.append(
      Finding(
        .warning, at: location ?? guest.firewall?.location, resource: resource,
        "this rule stops \(way.purpose) (\(obstacle.source) to port \(way.port)/\(way.transport) of guest "
          + "\(guest.id))" + (way.isOwn ? ", so the firewall is not changed" : ""),
        hint: "let \(obstacle.source) through in a rule above it"))
  }
}

extension Guest.Kind {
  /// The kind as Proxmox has it.
  var inProxmox: Proxmox.GuestKind {
    switch self {
    case .container: .container
    case .machine: .machine
    }
  }
}

extension Proxmox.PacketPolicy {
  fileprivate init(_ action: FirewallRule.Action) {
    switch action {
    case .accept: self = .accept
    case .drop: self = .drop
    case .reject: self = .reject
    }
  }
}

extension Proxmox.Rule {
  fileprivate init(_ rule: FirewallRule) {
    self.init(
      rule.direction.rawValue, rule.action.rawValue, rule.networkProtocol?.rawValue, ports: rule.portText,
      source: rule.source, destination: rule.destination, comment: rule.comment)
  }
}
