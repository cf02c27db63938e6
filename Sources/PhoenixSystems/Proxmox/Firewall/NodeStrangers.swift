import PhoenixCore

/// Who else than those it is for gets a connection to a swarm node's own ports by a declared rule, or by there being
/// no rules. Such packets have no business there.
struct NodeStrangers {
  /// What a node offers to some and to nobody else.
  private struct Service {
    let name: String
    let ports: [(number: Int, transport: FirewallRule.NetworkProtocol)]
    let users: [IPAddress]
    /// Who they are, for people.
    let usersName: String
    /// What comes of others.
    let consequence: String
  }

  private let inventory: Inventory
  private let services: [Service]

  init(_ inventory: Inventory) {
    self.inventory = inventory
    services = [
      Service(
        name: "the Docker API", ports: [(NeededWays.dockerAPI, .tcp)],
        users: NeededWays.addresses(inventory.clients(of: .dockerAPI).map(\.address)),
        usersName: "its clients",
        consequence: "none of the manifest's client certificates is theirs; its proxy refuses them"),
      Service(
        name: "the swarm's own ports",
        ports: [
          (NeededWays.swarmManagers, .tcp), (NeededWays.swarmGossip, .tcp), (NeededWays.swarmGossip, .udp),
          (NeededWays.swarmOverlay, .udp),
        ],
        users: NeededWays.addresses(inventory.guests.filter { $0.swarmRole != nil }.map(\.address)),
        usersName: "the nodes",
        consequence: "no node is declared there; overlay packets (4789/udp) are taken from whoever sends them"
      ),
    ]
  }

  /// The findings about a declared rule of a swarm node; none when it lets in only whom the ports are for.
  func findings(_ rule: FirewallRule, of guest: Guest, _ resource: ResourceID) -> [Finding] {
    services.compactMap { service in
      let ports = service.ports.filter { rule.admits(port: $0.number, over: $0.transport) }
      let strangers = strangers(rule.source, service.users)
      guard !ports.isEmpty, !strangers.isEmpty else { return nil }
      return Finding(
        .warning, at: rule.location ?? guest.firewall?.location, resource: resource,
        "the rule lets \(strangers.joined(separator: ", ")) connect to \(service.name), "
          + "\(ports.map { "\($0.number)/\($0.transport.rawValue)" }.joined(separator: ", ")), of \(guest.name) "
          + "(\(guest.id)), and \(service.consequence)",
        hint: service.users.isEmpty
          ? "take it out"
          : "name \(service.usersName): "
            + Set(service.users).sorted().map(\.description).joined(separator: ","))
    }
  }

  /// The finding about a node that lets in whatever no rule is about.
  func finding(aboutPolicyOf guest: Guest, _ declared: GuestFirewall, _ resource: ResourceID) -> Finding? {
    guard declared.inputPolicy == .accept else { return nil }
    return Finding(
      .warning, at: declared.location, resource: resource,
      "the incoming policy of \(guest.name) (\(guest.id)) is ACCEPT, so everybody can connect to the Docker API's "
        + "proxy and to the swarm's own ports; only 2375 is kept closed",
      hint: "set the policy to DROP: what the node needs is let in by rules that Phoenix adds")
  }

  /// The finding about a node whose firewall the files say nothing of.
  func finding(aboutUndeclared guest: Guest, _ resource: ResourceID) -> Finding {
    Finding(
      .warning, at: guest.location, resource: resource,
      "\(guest.name) (\(guest.id)) is a swarm node, and its entry has no firewall: Phoenix keeps 2375 closed there, and "
        + "leaves the Docker API's proxy and the swarm's own ports to whoever reaches them",
      hint:
        "declare \"firewall\": {\"enabled\": true, \"rules\": []}: what the node needs is let in by rules that "
        + "Phoenix adds")
  }

  private func strangers(_ source: String?, _ users: [IPAddress]) -> [String] {
    guard let source else { return ["everybody"] }
    guard let peers = FirewallPeer.list(source) else { return [source] }
    return peers.compactMap { peer in
      guard case .block(let block) = peer, block.prefixLength == block.address.width else {
        return "whoever is in \(peer)"
      }
      guard !users.contains(block.address) else { return nil }
      let owner = inventory.guests.first { $0.addresses.contains(block.address.description) }
      return "\(block.address)" + (owner.map { " (\($0.name))" } ?? "")
    }
  }
}
