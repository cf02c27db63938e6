extension Guest {
  /// Decodes phoenix_lxc_configs.json.
  static func containers(_ root: Node?, findings: inout [Finding]) -> [Guest] {
    var guests: [Guest] = []
    for member in root?["lxc_configs"]?.members ?? [] {
      guard TextFormat.guestID.accepts(member.key), let id = Int(member.key) else { continue }
      let node = member.value
      var guest = Guest(
        id: id, name: node["name"]?.string ?? "", kind: .container, location: member.keyLocation)
      guest.interfaces = [("network_config", "eth0"), ("secondary_network_config", "eth1")].compactMap {
        key, name in
        node[key].map { network in
          let mac = network["hwaddr"] ?? (name == "eth0" ? node["mac_address"] : nil)
          return GuestInterface(
            name: network["name"]?.string ?? name, block: network["ip"]?.accepted(.block),
            mac: mac?.string.flatMap { MACAddress($0)?.description },
            gateway: network["gw"]?.accepted(.address),
            bridge: network["bridge"]?.string, nameservers: network["nameservers"]?.addressList ?? [])
        }
      }
      guest.cloneSource = node["clone_from_ctid"]?.guestID
      guest.decodeCommon(node, findings: &findings)
      guests.append(guest)
    }
    return guests
  }

  /// Decodes phoenix_vm_configs.json.
  static func machines(_ root: Node?, findings: inout [Finding]) -> [Guest] {
    var guests: [Guest] = []
    let bridge = root?["vm_defaults"]?["network_bridge"]?.string
    for node in root?["vms"]?.elements ?? [] {
      guard let id = node["vmid"]?.guestID else { continue }
      var guest = Guest(id: id, name: node["name"]?.string ?? "", kind: .machine, location: node.location)
      if let network = node["network_config"] {
        guest.interfaces = [
          GuestInterface(
            name: "eth0", block: network["ip"]?.accepted(.block),
            mac: node["mac_address"]?.string.flatMap { MACAddress($0)?.description },
            gateway: network["gw"]?.accepted(.address), bridge: node["network_bridge"]?.string ?? bridge,
            nameservers: network["nameserver"]?.addressList ?? [])
        ]
      }
      guest.cloneSource = node["clone_from_vmid"]?.guestID
      guest.swarmRole = node["swarm_role"]?.string.flatMap(SwarmRole.init(rawValue:))
      guest.portainerAgentName = node["portainer_agent_hostname"]?.accepted(.hostName)
      guest.loginUser = node["user_config"]?["username"]?.string
      guest.stacks = (node["docker_stacks"]?.elements ?? []).compactMap(StackReference.init(decoding:))
      guest.decodeCommon(node, findings: &findings)
      guests.append(guest)
    }
    return guests
  }

  /// Decodes what containers and machines write in the same way.
  private mutating func decodeCommon(_ node: Node, findings: inout [Finding]) {
    isTemplate = node["is_template"]?.bool ?? false
    dependencies = (node["dependencies"]?.elements ?? []).compactMap(\.guestID)
    features = node["features"]?.strings ?? []
    portainerRole = node["portainer_role"]?.string.flatMap(PortainerRole.init(rawValue:))
    if let service = node["traefik_service"], let name = service["name"]?.accepted(.hostName),
      let port = service["port"]?.integer
    {
      self.service = RoutedService(
        guest: id, name: name, port: port, scheme: service["scheme"]?.string ?? "http",
        location: service.location)
    }
    firewall = node["firewall"].map { GuestFirewall(decoding: $0, findings: &findings) }
  }

  /// Takes swarm roles from Portainer's when no guest declares one: upstream's older files have none.
  static func deriveSwarmRoles(_ guests: inout [Guest], findings: inout [Finding]) {
    guard !guests.contains(where: { $0.swarmRole != nil }) else { return }
    for index in guests.indices where guests[index].kind == .machine {
      guard let role = guests[index].portainerRole else { continue }
      guests[index].swarmRole = role == .primary ? .manager : .worker
      findings.append(
        Finding(
          .note, at: guests[index].location,
          "\(guests[index].name) (\(guests[index].id)) is taken for a swarm \(role == .primary ? "manager" : "worker"): "
            + "no guest has a swarm_role, and its portainer_role is \(role.rawValue)",
          hint: "write swarm_role"))
    }
  }

  /// The guests by number; of those with the same number the first.
  static func unique(_ guests: [Guest], findings: inout [Finding]) -> [Guest] {
    var first: [Int: Guest] = [:]
    for guest in guests {
      if let other = first[guest.id] {
        findings.append(
          Finding(
            .error, at: guest.location,
            "the number \(guest.id) is given twice; \(other.name.quotedForPeople) has it at \(other.location)",
            hint: "containers and machines share their numbers: choose another"))
      } else {
        first[guest.id] = guest
      }
    }
    return first.values.sorted { $0.id < $1.id }
  }
}

extension StackReference {
  /// Decodes a name, or an object with name and environment.
  init?(decoding node: Node) {
    if let name = node.string {
      self.init(name: name)
    } else if let name = node["name"]?.string {
      self.init(name: name, environment: node["environment"]?.string ?? "production")
    } else {
      return nil
    }
  }
}
