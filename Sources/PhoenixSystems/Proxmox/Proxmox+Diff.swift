public import PhoenixCore

extension Proxmox {
  /// What differs: at most one change a firewall, a guest's configuration, and whether it runs.
  public static func diff(
    desired: Desired, observed: Observed, facts: Facts, now: WallTime
  ) -> [Change] {
    let groups = observed.knownGroups
    let firewalls = desired.firewalls.keys.sorted().compactMap { vmid -> Change? in
      guard let firewall = desired.firewalls[vmid], case .known(let live) = observed.firewalls[vmid]
      else { return nil }
      return change(vmid, firewall, live, groups)
    }
    return guestChanges(desired, observed) + firewalls
      + [datacenterChange(desired, observed)].compactMap { $0 }
  }

  private static func change(
    _ vmid: Int, _ desired: DesiredFirewall, _ live: LiveFirewall, _ groups: [String: [Rule]]
  ) -> Change? {
    guard FirewallRuleListPlan.next(from: live, to: desired.target, groups: groups) != nil else { return nil }
    let decision = FirewallDecision(for: desired, live: live, groups: groups)
    let exposure = desired.target.closesDockerAPI ? DockerExposure(of: live, groups: groups) : .none
    let difference = FirewallDifference(from: live, to: decision.target, exposure: exposure)
    return Change(
      firewallResource(vmid), .update, fields: difference.fields,
      reason: difference.reasons.joined(separator: ", "), risk: difference.risk, hold: decision.hold,
      endsExposure: exposure != .none)
  }
}
