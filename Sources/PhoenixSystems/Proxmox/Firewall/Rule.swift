import PhoenixCore

extension Proxmox {
  /// One rule of a firewall's list, as Proxmox keeps it.
  ///
  /// Addresses, ports and protocols are written in one canonical way, so that two rules that mean the same
  /// are equal whoever wrote them.
  public struct Rule: Hashable, Sendable, Codable {
    /// What traffic a rule looks at, and what it does with it: everything about it but whether it is enabled,
    /// what is logged and what is said about it.
    public struct Match: Hashable, Sendable, Codable {
      /// `in`, `out`, `forward`, or `group` for a reference to a security group.
      public var type: String
      /// `ACCEPT`, `DROP`, `REJECT`, or the name of the security group.
      public var action: String
      /// A macro of Proxmox, such as `SSH`.
      public var macro: String?
      /// The guest's interface, such as `net0`; nil for all.
      public var interface: String?
      /// Where from: addresses, networks, a range, an alias or an IP set; nil for everywhere.
      public var source: String?
      /// Where to; nil for everywhere.
      public var destination: String?
      /// `tcp`, `udp`, `icmp` or another; nil for all.
      public var transport: String?
      /// Destination ports; nil for all.
      public var ports: String?
      /// Source ports; nil for all.
      public var sourcePorts: String?
      /// A type of ICMP; nil for all.
      public var icmpType: String?
    }

    /// What it looks at and does.
    public var match: Match
    /// Whether it takes part. Proxmox keeps disabled rules in the list.
    public var isEnabled: Bool
    /// What is said about it.
    public var comment: String?
    /// Why Proxmox itself ignores it, such as an alias that does not exist; nil when it takes part.
    public var fault: String?

    /// Creates a rule; addresses, ports and protocol are brought into their canonical form.
    ///
    /// - Parameters:
    ///   - type: `in`, `out`, `forward` or `group`.
    ///   - action: `ACCEPT`, `DROP`, `REJECT` or a group's name.
    ///   - transport: `tcp`, `udp`, `icmp`, another name or number, nil for all.
    ///   - ports: Destination ports, nil for all.
    ///   - source: Where from, nil for everywhere.
    ///   - destination: Where to, nil for everywhere.
    ///   - comment: What is said about it; line breaks become spaces, as the rule's line holds it.
    ///   - isEnabled: Whether it takes part.
    public init(
      _ type: String, _ action: String, _ transport: String? = nil, ports: String? = nil,
      source: String? = nil, destination: String? = nil, comment: String? = nil, isEnabled: Bool = true
    ) {
      let type = type.lowercased()
      self.match = Match(
        type: type, action: type == "group" ? action : action.uppercased(),
        source: Self.addresses(source), destination: Self.addresses(destination),
        transport: Self.transport(transport), ports: Self.ports(ports))
      self.isEnabled = isEnabled
      self.comment = Self.comment(comment)
    }

    static func ports(_ text: String?) -> String? { text.map { PortSet.canonical($0) }.nonEmpty }

    static func addresses(_ text: String?) -> String? { text.map { AddressSet.canonical($0) }.nonEmpty }

    static func transport(_ text: String?) -> String? {
      switch text?.lowercased() {
      case "6": "tcp"
      case "17": "udp"
      case "1": "icmp"
      // Proxmox hands these to iptables, where protocol 0 is every protocol.
      case nil, "", "0", "ip", "hopopt", "all", "any": nil
      case let name: name
      }
    }

    static func comment(_ text: String?) -> String? {
      text.map { text in
        isOneLine(text) ? text : text.split { $0.isNewline || $0 == " " || $0 == "\t" }.joined(separator: " ")
      }.nonEmpty
    }

    /// Whether nothing is between its words but single spaces. Most comments are so, and a list has many.
    private static func isOneLine(_ text: String) -> Bool {
      var wasSpace = true
      for byte in text.utf8 {
        guard byte >= 0x20, byte < 0x7f, !(wasSpace && byte == 0x20) else { return false }
        wasSpace = byte == 0x20
      }
      return !wasSpace
    }
  }
}

extension Optional<String> {
  /// Nil instead of an empty text.
  fileprivate var nonEmpty: String? { flatMap { $0.isEmpty ? nil : $0 } }
}

extension Proxmox.Rule: CustomStringConvertible {
  /// One line, such as `in ACCEPT tcp 2376 from 10.0.0.13 (Docker API)`.
  public var description: String {
    var text = match.description
    if !isEnabled { text += " [disabled]" }
    if let fault { text += " [ignored: \(fault)]" }
    if let comment { text += " (\(comment))" }
    return text
  }
}

extension Proxmox.Rule.Match: CustomStringConvertible {
  /// One line, such as `in ACCEPT tcp 2376 from 10.0.0.13`.
  public var description: String {
    var parts = [type, macro.map { "\($0)(\(action))" } ?? action]
    if let transport { parts.append(transport) }
    if let ports { parts.append(ports) }
    if let icmpType { parts.append("type \(icmpType)") }
    if let source { parts.append("from \(source)") }
    if let sourcePorts { parts.append("port \(sourcePorts)") }
    if let destination { parts.append("to \(destination)") }
    if let interface { parts.append("on \(interface)") }
    return parts.joined(separator: " ")
  }
}
