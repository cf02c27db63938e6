/// What is asked of an inventory for each guest and certificate, and is the same for all of them.
struct InventoryIndex: Sendable {
  let certificateAuthority: Guest?
  let reverseProxy: Guest?
  let gateway: Guest?
  let swarmManagers: [Guest]
  let ownCertificate: OwnCertificate?
  let clients: [GuardedDoor: [DoorClient]]
  /// The names of the clients.
  let clientNames: [GuardedDoor: Set<String>]

  init(_ inventory: Inventory) {
    let guests = inventory.guests
    certificateAuthority = guests.first { $0.features.contains("step_ca") } ?? inventory[guest: 103]
    reverseProxy = guests.first { $0.features.contains("traefik") } ?? inventory[guest: 102]
    gateway = inventory[guest: 101] ?? guests.first { $0.name.lowercased().hasPrefix("nginx") }
    swarmManagers = guests.filter { $0.swarmRole == .manager }
    let own =
      swarmManagers.isEmpty && reverseProxy == nil ? nil : OwnCertificate(of: inventory)
    ownCertificate = own
    clients = Dictionary(
      GuardedDoor.allCases.map { ($0, inventory.clients(of: $0, own: own)) }, uniquingKeysWith: { $1 })
    clientNames = clients.mapValues { Set($0.map(\.name)) }
  }
}

/// Keeps the index of an inventory that does not change; one that does gets a new memo.
final class InventoryMemo: Sendable, Equatable {
  private let index = Lock<InventoryIndex?>(nil)

  func index(of inventory: Inventory) -> InventoryIndex {
    if let known = index.withLock({ $0 }) { return known }
    let made = InventoryIndex(inventory)
    index.withLock { $0 = made }
    return made
  }

  /// What is remembered makes no inventory another one.
  static func == (left: InventoryMemo, right: InventoryMemo) -> Bool { true }
}
