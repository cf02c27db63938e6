import PhoenixCore

/// The first packet of a connection to a guest, as far as our own ways in need it.
struct Packet: Hashable, Sendable {
  /// Where from.
  let source: IPAddress
  /// The guest's address; nil when it is not known.
  let destination: IPAddress?
  /// `tcp`, `udp` or another.
  let transport: String
  /// The destination port.
  let port: Int
}

extension Proxmox.Rule {
  /// What a list of rules does with a packet.
  enum Verdict: Hashable, Sendable {
    /// A rule at this index lets it through.
    case accepted(by: Int)
    /// A rule at this index stops it, or may stop it.
    case dropped(by: Int)
    /// No rule decides; the policy does.
    case undecided
  }

  /// What the first rule that matches does with a packet to the guest.
  ///
  /// Where only Proxmox knows whether a rule matches (an alias, an IP set, a macro), the worse is assumed: that
  /// a rule which lets through does not match, and that one which stops does.
  static func verdict(on packet: Packet, by rules: [Proxmox.Rule]) -> Verdict {
    for (index, rule) in rules.enumerated()
    where rule.isEnabled && rule.fault == nil && rule.match.type == "in" {
      let accepts = rule.match.action == "ACCEPT"
      guard rule.match.covers(packet) ?? !accepts else { continue }
      return accepts ? .accepted(by: index) : .dropped(by: index)
    }
    return .undecided
  }
}

extension Proxmox.Rule.Match {
  /// Whether the packet is one it looks at; nil when only Proxmox knows.
  func covers(_ packet: Packet) -> Bool? {
    var isKnown = macro == nil && interface == nil && sourcePorts == nil
    if let transport {
      guard transport == packet.transport else { return false }
    }
    if let ports {
      let ports = PortSet(ports)
      if !ports.contains(packet.port) {
        guard !ports.unknown.isEmpty else { return false }
        isKnown = false
      }
    }
    for (addresses, address) in [(source, packet.source), (destination, packet.destination)] {
      guard let addresses else { continue }
      let set = AddressSet(addresses)
      if let address {
        if set.contains(address) { continue }
        guard !set.unknown.isEmpty else { return false }
      }
      isKnown = false
    }
    return isKnown ? true : nil
  }
}
