import PhoenixCore

/// Who else than the declared clients of the Docker API gets a connection to it. Its proxy refuses them, and they have
/// no business there.
struct DockerStrangers {
  /// Where the clients come from.
  private let clients: [IPAddress]
  private let inventory: Inventory

  init(_ inventory: Inventory) {
    self.inventory = inventory
    clients = inventory.clients(of: .dockerAPI).compactMap { $0.address.flatMap { IPAddress($0) } }
  }

  /// The finding about a declared rule of a swarm node; nil when it lets in none but clients.
  func finding(_ rule: FirewallRule, of guest: Guest, _ resource: ResourceID) -> Finding? {
    guard rule.admits(port: NeededWays.dockerAPI, over: .tcp) else { return nil }
    let strangers = strangers(rule.source)
    guard !strangers.isEmpty else { return nil }
    return Finding(
      .warning, at: rule.location ?? guest.firewall?.location, resource: resource,
      "the rule lets \(strangers.joined(separator: ", ")) connect to the Docker API, \(NeededWays.dockerAPI)/tcp, of "
        + "\(guest.name) (\(guest.id)), and none of the manifest's client certificates is theirs; its proxy refuses them",
      hint: clients.isEmpty
        ? "take it out"
        : "name its clients: \(Set(clients).sorted().map(\.description).joined(separator: ","))")
  }

  private func strangers(_ source: String?) -> [String] {
    guard let source else { return ["everybody"] }
    guard let peers = FirewallPeer.list(source) else { return [source] }
    return peers.compactMap { peer in
      guard case .block(let block) = peer, block.prefixLength == block.address.width else {
        return "whoever is in \(peer)"
      }
      guard !clients.contains(block.address) else { return nil }
      let owner = inventory.guests.first { $0.addresses.contains(block.address.description) }
      return "\(block.address)" + (owner.map { " (\($0.name))" } ?? "")
    }
  }
}
