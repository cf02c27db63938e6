@testable import PhoenixSystems

/// A guest's firewall with the list semantics of Proxmox (pve-firewall, PVE/API2/Firewall/Rules.pm): what is
/// inserted goes to the top and is compared with no digest; changes and removals compare one when it is given.
struct SimulatedFirewall {
  enum Refusal: Error, Equatable { case digestDiffers, noSuchPosition }

  private(set) var live: Proxmox.LiveFirewall
  /// How many writes there were, by anybody.
  private(set) var writes = 0

  init(_ live: Proxmox.LiveFirewall) {
    self.live = live
    sign()
  }

  /// `POST rules`.
  mutating func insert(_ rule: Proxmox.Rule) {
    live.rules.insert(rule, at: 0)
    sign()
  }

  /// `PUT rules/POS`.
  mutating func update(
    _ position: Int, digest: String?, _ change: (inout Proxmox.Rule) -> Void
  ) throws(Refusal) {
    try check(position, digest)
    change(&live.rules[position])
    sign()
  }

  /// `PUT rules/POS` with `moveto`: in front of the rule that was at that place before the move.
  mutating func move(_ position: Int, to target: Int, digest: String?) throws(Refusal) {
    try check(position, digest)
    let rule = live.rules.remove(at: position)
    live.rules.insert(rule, at: min(target > position ? target - 1 : target, live.rules.count))
    sign()
  }

  /// `DELETE rules/POS`.
  mutating func delete(_ position: Int, digest: String?) throws(Refusal) {
    try check(position, digest)
    live.rules.remove(at: position)
    sign()
  }

  /// `PUT options`.
  mutating func setOptions(
    digest: String?, _ change: (inout Proxmox.FirewallOptions) -> Void
  ) throws(Refusal) {
    if let digest, digest != live.optionsDigest { throw .digestDiffers }
    change(&live.options)
    sign()
  }

  /// One step of a plan, decided from `seen`.
  mutating func carryOut(_ step: FirewallStep, seen: Proxmox.LiveFirewall) throws(Refusal) {
    switch step {
    case .insert(let rule): insert(rule)
    case .enable(let index):
      try update(index, digest: seen.rulesDigest) { $0.isEnabled = true }
    case .comment(let index, let text):
      try update(index, digest: seen.rulesDigest) { $0.comment = text }
    case .delete(let index): try delete(index, digest: seen.rulesDigest)
    case .options(let isEnabled, let policyIn, let policyOut):
      try setOptions(digest: seen.optionsDigest) { options in
        options.isEnabled = isEnabled ?? options.isEnabled
        options.policyIn = policyIn ?? options.policyIn
        options.policyOut = policyOut ?? options.policyOut
      }
    }
  }

  private func check(_ position: Int, _ digest: String?) throws(Refusal) {
    // An empty list has no digest, and then none is compared.
    if let digest, digest != live.rulesDigest { throw .digestDiffers }
    guard live.rules.indices.contains(position) else { throw .noSuchPosition }
  }

  private mutating func sign() {
    writes += 1
    // The digest is of what the list holds, as in Proxmox: a list that changed and changed back has the old one.
    live.rulesDigest = live.rules.isEmpty ? nil : String(live.rules.hashValue, radix: 16)
    live.optionsDigest = String(live.options.hashValue, radix: 16)
  }
}
