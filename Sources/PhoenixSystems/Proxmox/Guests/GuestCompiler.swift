import PhoenixCore

/// Makes what guests' configurations should be out of the users' files. Pure.
struct GuestCompiler {
  private(set) var desired: [Int: Proxmox.DesiredGuest] = [:]
  private(set) var resources: [DeclaredResource] = []
  private(set) var findings: [Finding] = []

  /// - Parameters:
  ///   - inventory: The guests, as several systems see them.
  ///   - nodes: The files.
  ///   - filtered: The guests whose firewalls are ours.
  init(_ inventory: Inventory, _ nodes: ConfigurationNodes, filtered: Set<Int>) {
    let containers = (nodes.containers?["lxc_configs"]?.members ?? []).map { (Int($0.key), $0.value) }
    let machines = (nodes.machines?["vms"]?.elements ?? []).map { ($0["vmid"]?.integer, $0) }
    let containerDefaults = nodes.hypervisor?["proxmox_defaults"]?["lxc"]
    let machineDefaults = nodes.machines?["vm_defaults"]
    for (kind, entries, defaults) in [
      (Guest.Kind.container, containers, containerDefaults), (.machine, machines, machineDefaults),
    ] {
      for (id, node) in entries {
        guard let id, desired[id] == nil, let guest = inventory[guest: id], guest.kind == kind else {
          continue
        }
        add(guest, of: inventory, node, defaults, isFiltered: filtered.contains(id))
      }
    }
    resources.sort { $0.id < $1.id }
  }

  private mutating func add(
    _ guest: Guest, of inventory: Inventory, _ node: Node, _ defaults: Node?, isFiltered: Bool
  ) {
    desired[guest.id] = Proxmox.DesiredGuest(
      guest, decoding: node, defaults: defaults, hasFirewall: isFiltered)
    let resource = Proxmox.guestResource(guest.id, guest.kind.inProxmox)
    let before = guest.dependencies.compactMap { inventory[guest: $0] }
    let origin = guest.cloneSource.flatMap { inventory[guest: $0] }
    resources.append(
      DeclaredResource(
        resource,
        madeFrom: ([origin].compactMap { $0 } + before).map {
          Proxmox.guestResource($0.id, $0.kind.inProxmox)
        },
        at: guest.location))
    if !guest.isTemplate {
      resources.append(
        DeclaredResource(
          Proxmox.powerResource(guest.id),
          requires: [resource] + before.filter { !$0.isTemplate }.map { Proxmox.powerResource($0.id) },
          at: guest.location))
    }
    report(guest, node, resource)
  }

  /// What no API token may set, Proxmox says; nothing else sets it yet.
  private mutating func report(_ guest: Guest, _ node: Node, _ resource: ResourceID) {
    var keys = ["apparmor_profile", "id_maps", "lxc_options", "mount_points", "zfs_volumes"].filter {
      node[$0].map { !$0.isArray || !$0.elements.isEmpty } ?? false
    }
    let options = ContainerOptions(node["pct_options"]?.strings ?? [])
    keys += options.features.keys.filter { $0 != "nesting" }.sorted().map { "pct_options \($0)" }
    keys += options.others.map { "pct_options \($0.escapedForTerminals)" }
    guard !keys.isEmpty else { return }
    findings.append(
      Finding(
        .note, at: guest.location, resource: resource,
        "\(keys.joined(separator: ", ")) of \(guest.name) (\(guest.id)) "
          + "\(keys.count == 1 ? "is" : "are") not compared: no API token may set that",
        hint: "set it in Proxmox as root"))
  }
}
