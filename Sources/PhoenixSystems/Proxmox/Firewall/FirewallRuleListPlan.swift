/// How a guest's firewall becomes what it should be: one write at a time, each decided from what is there now.
///
/// Whoever watches the traffic while this goes on, and wherever it is killed, sees that each write changes the
/// fate of a packet only towards what is desired. So nothing is let through that neither the old nor the new
/// rules let through, and nothing is stopped that both let through. The order does it:
///
/// 1. *Close 2375* where it must be closed: a rule that opens nothing else is removed; otherwise a rule that
///    drops 2375 is put on top, and removed with the other strays when they no longer open it.
/// 2. *Complete the list at the top.* What the list lacks is inserted above everything else, last rule first.
///    It is inserted enabled when no desired rule above it decides otherwise: then whatever it matches has its
///    fate from a rule that does the same. Otherwise it is inserted disabled.
/// 3. *Enable from the top down.* The enabled desired rules are then always a beginning of the desired list,
///    so a packet meets the rule that decides in the end, or nothing new.
/// 4. *Set the policies.* They decide only what no desired rule and no old rule matches.
/// 5. *Remove strays from the bottom up.* Below a removed rule only desired rules are left, and the policy.
/// 6. *Switch the firewall on*, when everything in it is right, or before 5 where no stray stops anything: one that
///    Proxmox does not let go must not keep it off. One that should be off is switched off first.
///    Comments come last.
///
/// Nothing is remembered between the writes: after a kill, or a change by somebody else, the same decision from
/// what is there then goes on. A list that is right takes no write.
enum FirewallRuleListPlan {
  /// The next write; nil when nothing is left to do.
  static func next(
    from live: Proxmox.LiveFirewall, to target: Proxmox.FirewallTarget, groups: [String: [Proxmox.Rule]]
  ) -> FirewallStep? {
    if isRight(live, target) { return nil }
    if target.closesDockerAPI, let step = closingDockerAPI(live, groups: groups) { return step }
    guard case .exactly(let options, let rules, _) = target else { return nil }
    let alignment = RuleAlignment(desired: rules, live: live.rules)
    let strays = strays(live, alignment)
    let isHarmless = strays.allSatisfy { !live.rules[$0].isEnabled || live.rules[$0].letsThrough }
    return switchingOff(live.options, options)
      ?? insertion(rules, alignment)
      ?? alignment.positions.first { !live.rules[$0].isEnabled }.map { .enable($0) }
      ?? policies(live.options, options, andEnable: isHarmless)
      ?? (isHarmless ? switchingOn(live.options, options) : nil)
      ?? strays.last.map { .delete($0) }
      ?? switchingOn(live.options, options)
      ?? comment(live, rules, alignment)
  }

  /// The usual case, at the cost of comparing: it is already what it should be, rule for rule.
  private static func isRight(_ live: Proxmox.LiveFirewall, _ target: Proxmox.FirewallTarget) -> Bool {
    guard case .exactly(let options, let rules, _) = target else { return false }
    return live.options == options && live.rules.count == rules.count
      && zip(live.rules, rules).allSatisfy { live, desired in
        live.isEnabled && live.match == desired.match
          && (desired.comment == nil || desired.comment == live.comment)
      }
  }

  private static func closingDockerAPI(
    _ live: Proxmox.LiveFirewall, groups: [String: [Proxmox.Rule]]
  ) -> FirewallStep? {
    switch DockerExposure(of: live, groups: groups) {
    // An unfiltered guest is closed by the options, which come last: rules decide nothing until then.
    case .none, .unfiltered: nil
    case .rule(let index) where live.rules[index].opensOnlyDockerAPI: .delete(index)
    case .rule, .policy: .insert(.dockerShield)
    }
  }

  private static func insertion(_ rules: [Proxmox.Rule], _ alignment: RuleAlignment) -> FirewallStep? {
    guard alignment.missing > 0 else { return nil }
    var rule = rules[alignment.missing - 1]
    let above = rules[..<(alignment.missing - 1)]
    rule.isEnabled = above.allSatisfy {
      $0.match.type != rule.match.type || $0.letsThrough == rule.letsThrough
    }
    return .insert(rule)
  }

  private static func policies(
    _ live: Proxmox.FirewallOptions, _ desired: Proxmox.FirewallOptions, andEnable: Bool
  ) -> FirewallStep? {
    let policyIn = live.policyIn == desired.policyIn ? nil : desired.policyIn
    let policyOut = live.policyOut == desired.policyOut ? nil : desired.policyOut
    guard policyIn != nil || policyOut != nil else { return nil }
    let enables = andEnable && desired.isEnabled && !live.isEnabled
    return .options(isEnabled: enables ? true : nil, policyIn: policyIn, policyOut: policyOut)
  }

  private static func strays(_ live: Proxmox.LiveFirewall, _ alignment: RuleAlignment) -> [Int] {
    let kept = Set(alignment.positions)
    return live.rules.indices.filter { !kept.contains($0) }
  }

  private static func switchingOff(
    _ live: Proxmox.FirewallOptions, _ desired: Proxmox.FirewallOptions
  ) -> FirewallStep? {
    guard live.isEnabled, !desired.isEnabled else { return nil }
    return .options(isEnabled: false, policyIn: nil, policyOut: nil)
  }

  private static func switchingOn(
    _ live: Proxmox.FirewallOptions, _ desired: Proxmox.FirewallOptions
  ) -> FirewallStep? {
    guard !live.isEnabled, desired.isEnabled else { return nil }
    return .options(isEnabled: true, policyIn: nil, policyOut: nil)
  }

  private static func comment(
    _ live: Proxmox.LiveFirewall, _ rules: [Proxmox.Rule], _ alignment: RuleAlignment
  ) -> FirewallStep? {
    for (rule, index) in zip(rules, alignment.positions) {
      if let comment = rule.comment, comment != live.rules[index].comment { return .comment(index, comment) }
    }
    return nil
  }
}

extension Proxmox.Rule {
  fileprivate var letsThrough: Bool { match.action == "ACCEPT" }
}
