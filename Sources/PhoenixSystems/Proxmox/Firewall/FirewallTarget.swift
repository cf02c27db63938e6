extension Proxmox {
  /// What a guest's firewall is to become.
  public enum FirewallTarget: Hashable, Sendable, Codable {
    /// Exactly these options and rules, in this order.
    case exactly(options: FirewallOptions, rules: [Rule], closesDockerAPI: Bool)
    /// Whatever it is, without a way to the unencrypted Docker API.
    case dockerAPIClosed

    /// Whether the unencrypted Docker API must be closed before anything else.
    var closesDockerAPI: Bool {
      switch self {
      case .exactly(_, _, let closes): closes
      case .dockerAPIClosed: true
      }
    }
  }
}
