import PhoenixCore

/// The ports at which Traefik reaches the services of stacks, as their labels say.
enum RoutedStackPorts {
  /// The ports of all stacks that run in the swarm. A service may run on any of its nodes.
  static func all(in stacks: Node?, of inventory: Inventory) -> [Int] {
    var ports: Set<Int> = []
    for reference in Set(inventory.guests.flatMap(\.stacks)) {
      let environment = stacks?["docker_stacks"]?[reference.name]?["environments"]?[reference.environment]
      for service in environment?["services"]?.members ?? [] {
        for label in service.value["traefik_labels"]?.strings ?? [] {
          if let port = port(in: label) { ports.insert(port) }
        }
      }
    }
    return ports.sorted()
  }

  /// `traefik.http.services.NAME.loadbalancer.server.port=PORT`.
  private static func port(in label: String) -> Int? {
    let parts = label.split(separator: "=", maxSplits: 1)
    guard parts.count == 2, parts[0].lowercased().hasSuffix(".loadbalancer.server.port") else { return nil }
    return Int(parts[1]).flatMap { (1...65535).contains($0) ? $0 : nil }
  }
}
