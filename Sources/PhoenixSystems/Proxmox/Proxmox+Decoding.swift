import PhoenixCore

/// What Proxmox answers, as values. Each throws `Unexpected` when an answer is not what the API documents:
/// a firewall must never be judged by half of it.
extension Proxmox {
  /// An answer that is not what the API documents.
  struct Unexpected: Error {
    /// What was expected where.
    let what: String
  }

  /// `GET /cluster/resources?type=vm`.
  static func guests(_ data: Node?) throws(Unexpected) -> [Int: ListedGuest] {
    var guests: [Int: ListedGuest] = [:]
    for entry in try list(data, "the list of guests") {
      guard let vmid = entry["vmid"]?.integer, let node = entry["node"]?.string,
        let kind = entry["type"]?.string.flatMap({ GuestKind(rawValue: $0) })
      else { throw Unexpected(what: "a guest with vmid, node and type") }
      guests[vmid] = ListedGuest(
        kind: kind, node: node, name: entry["name"]?.string ?? "",
        status: entry["status"]?.string ?? "unknown")
    }
    return guests
  }

  /// `GET .../firewall/options` of a guest, without its digest.
  static func options(_ data: Node?) throws(Unexpected) -> FirewallOptions {
    guard let data, case .object = data.content else { throw Unexpected(what: "an object of options") }
    return FirewallOptions(
      isEnabled: isTrue(data["enable"]), policyIn: try policy(data, "policy_in"),
      policyOut: try policy(data, "policy_out"))
  }

  /// `GET /cluster/firewall/options`. Above 1 it is the time at which it was switched on for a minute.
  static func datacenter(_ data: Node?) throws(Unexpected) -> Datacenter {
    guard let data, case .object = data.content else { throw Unexpected(what: "an object of options") }
    return Datacenter(
      isEnabled: isTrue(data["enable"]), policyIn: try policy(data, "policy_in") ?? .drop,
      policyOut: try policy(data, "policy_out") ?? .accept)
  }

  /// `GET .../firewall/rules`, in the order of their positions.
  static func rules(_ data: Node?) throws(Unexpected) -> [Rule] {
    var rules: [Rule] = []
    for entry in try list(data, "a list of rules") {
      guard entry["pos"].map({ $0.integer == rules.count }) ?? true else {
        throw Unexpected(what: "rules in the order of their positions")
      }
      rules.append(try rule(entry))
    }
    return rules
  }

  /// The digest that came with options, or with the first of some rules.
  static func digest(_ data: Node?) -> String? { (data?.elements.first ?? data)?["digest"]?.string }

  /// `GET .../pending` of a guest: its configuration, and what of it waits for a restart.
  static func configuration(pending data: Node?) throws(Unexpected) -> GuestConfiguration {
    var configuration = GuestConfiguration(current: [:])
    for entry in try list(data, "a guest's configuration") {
      guard let key = entry["key"]?.string else { throw Unexpected(what: "a configuration by key") }
      // What is no text, such as raw lines of a container, is none of what the API writes.
      if let value = entry["value"]?.string { configuration.current[key] = value }
      if isTrue(entry["delete"]) {
        configuration.pending[key] = .some(nil)
      } else if let value = entry["pending"]?.string {
        configuration.pending[key] = value
      }
    }
    return configuration
  }

  private static func rule(_ entry: Node) throws(Unexpected) -> Rule {
    guard let type = entry["type"]?.string, let action = entry["action"]?.string else {
      throw Unexpected(what: "a rule with type and action")
    }
    var rule = Rule(
      type, action, entry["proto"]?.string, ports: entry["dport"]?.string, source: entry["source"]?.string,
      destination: entry["dest"]?.string, comment: entry["comment"]?.string,
      isEnabled: isTrue(entry["enable"]))
    rule.match.macro = entry["macro"]?.string
    rule.match.interface = entry["iface"]?.string
    rule.match.sourcePorts = Rule.ports(entry["sport"]?.string)
    rule.match.icmpType = entry["icmp-type"]?.string
    let errors = entry["errors"]?.members.compactMap(\.value.string) ?? []
    rule.fault = errors.isEmpty ? nil : errors.joined(separator: "; ")
    return rule
  }

  private static func list(_ data: Node?, _ what: String) throws(Unexpected) -> [Node] {
    guard let data, case .array(let entries) = data.content else { throw Unexpected(what: what) }
    return entries
  }

  private static func policy(_ data: Node, _ name: String) throws(Unexpected) -> PacketPolicy? {
    guard let text = data[name]?.string else { return nil }
    guard let policy = PacketPolicy(rawValue: text.uppercased()) else {
      throw Unexpected(what: "ACCEPT, DROP or REJECT for \(name)")
    }
    return policy
  }

  /// Truth as Perl writes it: 1, "1", true; above 1 too.
  private static func isTrue(_ node: Node?) -> Bool {
    guard let node else { return false }
    return node.bool ?? node.integer.map { $0 != 0 } ?? false
  }
}
