import PhoenixCore

/// The datacenter's firewall is compared and reported. Switching it on or narrowing it by mistake would cut everybody
/// off the hosts, this machine too, so that is not done before it can be taken back by itself.
extension Proxmox {
  /// What differs in it, always held; nil when nothing does, it is not declared, or it could not be read.
  static func datacenterChange(_ desired: Desired, _ observed: Observed) -> Change? {
    guard let wanted = desired.datacenter, let options = observed.datacenter?.value,
      let rules = observed.datacenterRules?.value
    else { return nil }
    let live = LiveFirewall(
      options: FirewallOptions(
        isEnabled: options.isEnabled, policyIn: options.policyIn, policyOut: options.policyOut), rules: rules)
    let target = FirewallTarget.exactly(
      options: FirewallOptions(
        isEnabled: wanted.isEnabled, policyIn: wanted.policyIn ?? options.policyIn,
        policyOut: wanted.policyOut ?? options.policyOut),
      rules: wanted.rules, closesDockerAPI: false)
    guard FirewallRuleListPlan.next(from: live, to: target, groups: [:]) != nil else { return nil }
    let difference = FirewallDifference(from: live, to: target, exposure: .none)
    return Change(
      datacenterResource, .update, fields: difference.fields,
      reason: difference.reasons.joined(separator: ", "),
      risk: .disruptive,
      hold:
        "a mistake in the datacenter's firewall cuts everybody off the hosts, and Phoenix cannot take such a "
        + "change back by itself yet; make it in Proxmox (Datacenter, Firewall), or write into the files what is"
    )
  }

  static func datacenterReadiness(_ desired: Desired, _ observed: Observed) -> Readiness {
    guard desired.datacenter != nil else { return .notReady("no firewall of the datacenter is declared") }
    for reading in [observed.datacenter?.map { _ in () }, observed.datacenterRules?.map { _ in () }] {
      switch reading {
      case .known: continue
      case .unreadable(let reason): return .unreadable(reason)
      case .absent, nil: return .unreadable("the datacenter's firewall has not been looked at yet")
      }
    }
    return datacenterChange(desired, observed) == nil
      ? .ready : .notReady("the datacenter's firewall is not as it should be")
  }
}
