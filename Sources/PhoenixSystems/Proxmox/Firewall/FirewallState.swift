extension Proxmox {
  /// What a firewall does with traffic that no rule decides.
  public enum PacketPolicy: String, Hashable, Sendable, Codable {
    case accept = "ACCEPT"
    case drop = "DROP"
    case reject = "REJECT"
  }

  /// The options of a guest's firewall that Phoenix keeps.
  public struct FirewallOptions: Hashable, Sendable, Codable {
    /// Whether the guest is filtered at all.
    public var isEnabled: Bool
    /// For traffic to the guest; nil when it is not set, which Proxmox treats as DROP.
    public var policyIn: PacketPolicy?
    /// For traffic from the guest; nil when it is not set, which Proxmox treats as ACCEPT.
    public var policyOut: PacketPolicy?

    /// Creates options.
    public init(isEnabled: Bool, policyIn: PacketPolicy?, policyOut: PacketPolicy?) {
      self.isEnabled = isEnabled
      self.policyIn = policyIn
      self.policyOut = policyOut
    }
  }

  /// A guest's firewall as Proxmox keeps it.
  public struct LiveFirewall: Hashable, Sendable, Codable {
    /// Its options.
    public var options: FirewallOptions
    /// Proxmox's digest of the options, which a write names so that it fails when they changed meanwhile.
    public var optionsDigest: String?
    /// Its rules, in order; the first that matches decides.
    public var rules: [Rule]
    /// Proxmox's digest of the rules; an empty list has none.
    public var rulesDigest: String?

    /// Creates the state of a firewall.
    public init(
      options: FirewallOptions, optionsDigest: String? = nil, rules: [Rule], rulesDigest: String? = nil
    ) {
      self.options = options
      self.optionsDigest = optionsDigest
      self.rules = rules
      self.rulesDigest = rulesDigest
    }
  }
}
