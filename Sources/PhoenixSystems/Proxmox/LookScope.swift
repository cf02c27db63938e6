import PhoenixCore

extension Proxmox {
  /// The guests that a look is about.
  struct LookScope {
    /// Those whose options and rules are read.
    let firewalls: Set<Int>
    /// Those whose configuration is read: a firewall filters nothing that it does not name.
    let guests: Set<Int>

    init(_ scope: ObservationScope, _ desired: Desired) {
      switch scope {
      case .everything:
        firewalls = Set(desired.firewalls.keys)
        guests = firewalls.union(desired.guests.keys)
      case .only(let resources):
        firewalls = Set(resources.filter { $0.kind == firewallKind }.compactMap(vmid(of:)))
        guests = Set(resources.compactMap(vmid(of:)))
      }
    }

    /// All of them, by number.
    var vmids: [Int] { guests.sorted() }
  }
}
