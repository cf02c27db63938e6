extension FirewallRule {
  /// Decodes a list of rules. Repeated rules are applied once, with one warning each.
  static func list(decoding node: Node?, findings: inout [Finding]) -> [FirewallRule] {
    var rules: [FirewallRule] = []
    var places: [FirewallRule: [Location]] = [:]
    for element in node?.elements ?? [] {
      guard let rule = FirewallRule(decoding: element, findings: &findings) else { continue }
      places[rule.bare, default: []].append(element.location)
      if places[rule.bare]?.count == 1 { rules.append(rule) }
    }
    for rule in rules {
      guard let others = places[rule.bare]?.dropFirst(), let second = others.first, let first = rule.location
      else { continue }
      let more = others.count > 1 ? " and \(others.count - 1) more times" : ""
      findings.append(
        Finding(
          .warning, at: second, "this rule is that of \(first) again\(more); it is applied once",
          hint: "take the repetition out"))
    }
    return rules
  }

  /// Decodes a rule; nil when its shape is wrong.
  private init?(decoding node: Node, findings: inout [Finding]) {
    guard let direction = node["type"]?.string.flatMap(Direction.init(rawValue:)),
      let action = node["action"]?.string.flatMap(Action.init(rawValue:))
    else { return nil }
    let networkProtocol = node["proto"]?.string.flatMap(NetworkProtocol.init(rawValue:))
    guard networkProtocol != nil || node["proto"] == nil else { return nil }
    var ports: [PortRange]?
    if let port = node["port"] {
      guard let list = port.string.flatMap({ PortRange.list($0) }) else { return nil }
      ports = list
      if networkProtocol != .tcp, networkProtocol != .udp {
        findings.append(
          Finding(
            .error, at: port.location,
            "a rule with ports needs the protocol tcp or udp",
            hint: "add \"proto\": \"tcp\", or take the port out"))
      }
    }
    let peers = { (key: String) -> String? in
      node[key]?.string.flatMap { FirewallPeer.list($0) }?.map(\.description).joined(separator: ",")
    }
    let (source, destination) = (peers("source"), peers("dest"))
    guard (source == nil) == (node["source"] == nil), (destination == nil) == (node["dest"] == nil) else {
      return nil
    }
    self.init(
      direction, action, networkProtocol, source: source, destination: destination, ports: ports,
      comment: node["comment"]?.string ?? "", location: node.location)
  }
}

extension GuestFirewall {
  /// Decodes a guest's firewall.
  init(decoding node: Node, findings: inout [Finding]) {
    let policy = { (key: String) in node[key]?.string.flatMap(FirewallRule.Action.init(rawValue:)) }
    self.init(
      isEnabled: node["enabled"]?.bool ?? true,
      rules: FirewallRule.list(decoding: node["rules"], findings: &findings),
      inputPolicy: policy("default_input_policy") ?? .drop,
      outputPolicy: policy("default_output_policy") ?? .accept,
      location: node.location)
  }
}

extension DatacenterFirewall {
  /// Decodes the firewall of phoenix_hypervisor_config.json, also where users misplaced it; nil when there is
  /// none.
  init?(decoding root: Node?, findings: inout [Finding]) {
    let misplaced = root?["shared_volumes"]?["firewall"]
    guard let node = root?["firewall"] ?? misplaced else { return nil }
    if let misplaced {
      let isUsed = root?["firewall"] == nil
      findings.append(
        Finding(
          .warning, at: misplaced.location,
          isUsed
            ? "the firewall stands one level too deep, in shared_volumes; it is used as if it stood outside"
            : "shared_volumes.firewall is ignored: the firewall outside counts",
          hint: isUsed ? "move it out of shared_volumes" : "take it out"))
    }
    let policy = { (key: String) in node[key]?.string.flatMap(FirewallRule.Action.init(rawValue:)) }
    self.init(
      isEnabled: node["enabled"]?.bool ?? true, inputPolicy: policy("default_input_policy"),
      outputPolicy: policy("default_output_policy"),
      rules: FirewallRule.list(decoding: node["global_firewall_rules"], findings: &findings),
      location: node.location)
  }
}
