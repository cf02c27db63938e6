import PhoenixCore

extension Proxmox.DesiredGuest {
  /// Decodes what the files say of a guest's configuration.
  ///
  /// - Parameters:
  ///   - guest: The guest, as several systems see it.
  ///   - node: Its object in the file.
  ///   - defaults: What guests of its kind have that do not say otherwise.
  ///   - hasFirewall: Whether its firewall is ours, so that its devices must be filtered.
  init(_ guest: Guest, decoding node: Node, defaults: Node?, hasFirewall: Bool) {
    func integer(_ key: String) -> Int? { node[key]?.integer ?? defaults?[key]?.integer }
    self.init(kind: guest.kind.inProxmox, name: guest.name)
    isTemplate = guest.isTemplate
    source = guest.cloneSource
    cores = integer("cores")
    memory = integer("memory_mb")
    diskSize = integer(kind == .container ? "storage_size_gb" : "disk_size_gb")
    storage = node["storage_pool"]?.string ?? defaults?["storage_pool"]?.string
    // The inventory has the same devices, in this order.
    let slots = ["network_config", "secondary_network_config"].enumerated().filter { node[$0.element] != nil }
    networks = zip(slots, guest.interfaces).map { slot, interface in
      let network = node[slot.element]
      return Proxmox.DesiredNetwork(
        slot: slot.offset, name: kind == .container ? network?["name"]?.string : nil,
        bridge: interface.bridge,
        address: interface.block ?? (network?["ip"]?.string == "dhcp" ? "dhcp" : nil),
        gateway: interface.gateway, mac: interface.mac, isFiltered: hasFirewall ? true : nil)
    }
    nameservers = guest.interfaces.first?.nameservers ?? []
    startsAtBoot = node["start_at_boot"]?.bool
    bootOrder = node["boot_order"]?.integer
    bootDelay = node["boot_delay"]?.integer
    ignored = Set(node["ignore_fields"]?.strings ?? [])
    switch kind {
    case .container:
      swap = integer("swap_mb")
      let options = ContainerOptions(node["pct_options"]?.strings ?? [])
      allowsNesting = options.features["nesting"].map { $0 == "1" }
    case .machine:
      user = guest.loginUser
    }
  }
}

/// The options of `pct` that upstream's files write as text, such as `--features nesting=1`.
struct ContainerOptions: Hashable, Sendable {
  /// The parts of `--features`.
  private(set) var features: [String: String] = [:]
  /// What is none of them.
  private(set) var others: [String] = []

  /// Reads options, each of which is a name and its value in one text.
  init(_ options: [String]) {
    for option in options {
      let words = option.split(separator: " ")
      guard words.count == 2, words[0] == "--features" else {
        others.append(option)
        continue
      }
      for part in words[1].split(separator: ",") {
        let sides = part.split(separator: "=", maxSplits: 1).map(String.init)
        if sides.count == 2 { features[sides[0]] = sides[1] }
      }
    }
  }
}
