/// One write to a guest's firewall.
enum FirewallStep: Hashable, Sendable {
  /// Puts a rule at the top of the list, enabled or not as the rule says. Proxmox inserts nowhere else, and
  /// compares no digest.
  case insert(Proxmox.Rule)
  /// Enables the rule at an index.
  case enable(Int)
  /// Sets what is said about the rule at an index.
  case comment(Int, String)
  /// Removes the rule at an index.
  case delete(Int)
  /// Sets options, all in one write; nil leaves one as it is.
  case options(isEnabled: Bool?, policyIn: Proxmox.PacketPolicy?, policyOut: Proxmox.PacketPolicy?)
}
