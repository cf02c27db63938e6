import PhoenixCore

extension Proxmox {
  /// What is to be done about a guest's firewall now, and why not.
  struct FirewallDecision: Hashable, Sendable {
    /// What it is to become.
    let target: FirewallTarget
    /// Why it must not become so; nil when nothing is against it.
    let hold: String?

    /// Decides. What should be and must not be carried out still never leaves 2375 open: closing that takes
    /// nothing away that Phoenix needs, so it is done alone, and the rest waits.
    init(for desired: DesiredFirewall, live: LiveFirewall, groups: [String: [Rule]]) {
      let hold = desired.hold ?? Self.lostWay(desired) ?? Self.opened(desired)
      let closing = FirewallTarget.dockerAPIClosed
      if hold != nil, desired.target.closesDockerAPI,
        FirewallRuleListPlan.next(from: live, to: closing, groups: groups) != nil
      {
        self.target = closing
        self.hold = nil
      } else {
        self.target = desired.target
        self.hold = hold
      }
    }

    /// Why what should be would lock Phoenix out.
    private static func lostWay(_ desired: DesiredFirewall) -> String? {
      guard case .exactly(let options, let rules, _) = desired.target, options.isEnabled else { return nil }
      for way in desired.ownWays {
        guard let packet = way.packet else { continue }
        let passes: Bool
        let culprit: String
        switch Rule.verdict(on: packet, by: rules) {
        case .accepted: (passes, culprit) = (true, "")
        case .dropped(let index): (passes, culprit) = (false, "the rule '\(rules[index])'")
        case .undecided: (passes, culprit) = (options.policyIn == .accept, "the incoming policy")
        }
        if !passes {
          return "\(culprit) would cut \(way.purpose) (\(way.source) to port \(way.port)/tcp); "
            + "let it through in the guest's firewall rules"
        }
      }
      return nil
    }

    private static func opened(_ desired: DesiredFirewall) -> String? {
      guard case .exactly(_, let rules, true) = desired.target,
        let rule = rules.first(where: \.opensDockerAPI)
      else { return nil }
      return
        "the declared rule '\(rule)' opens the unencrypted Docker API (2375/tcp); narrow it to other ports"
    }
  }
}
