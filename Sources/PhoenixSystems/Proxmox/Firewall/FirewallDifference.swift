import PhoenixCore

/// How a guest's firewall differs from what it should be, told for people.
struct FirewallDifference {
  private(set) var fields: [FieldChange] = []
  private(set) var reasons: [String] = []
  /// Safe, but for switching a firewall off: only closed ways are opened by that, yet nobody should find a
  /// guest unprotected because a file says so by mistake.
  private(set) var risk = Risk.safe

  init(from live: Proxmox.LiveFirewall, to target: Proxmox.FirewallTarget, exposure: DockerExposure) {
    switch exposure {
    case .rule(let index): reasons.append("a rule opens 2375: \(live.rules[index].match)")
    case .policy: reasons.append("the incoming policy opens 2375")
    case .unfiltered: reasons.append("2375 is open: the firewall is off")
    case .none: break
    }
    switch target {
    case .dockerAPIClosed: close(live, exposure)
    case .exactly(let options, let rules, _):
      compare(live.options, options, isTold: exposure == .unfiltered)
      compare(live.rules, rules)
    }
  }

  private mutating func close(_ live: Proxmox.LiveFirewall, _ exposure: DockerExposure) {
    if case .rule(let index) = exposure, live.rules[index].opensOnlyDockerAPI {
      fields.append(row(index, live.rules[index], nil))
    } else {
      fields.append(row(0, nil, .dockerShield))
    }
  }

  private mutating func compare(
    _ live: Proxmox.FirewallOptions, _ desired: Proxmox.FirewallOptions, isTold: Bool
  ) {
    if live.isEnabled != desired.isEnabled {
      fields.append(FieldChange("enable", from: .flag(live.isEnabled), to: .flag(desired.isEnabled)))
      if !isTold { reasons.append(desired.isEnabled ? "the firewall is off" : "the firewall is on") }
      if !desired.isEnabled { risk = .disruptive }
    }
    for (name, from, to) in [
      ("policy_in", live.policyIn, desired.policyIn), ("policy_out", live.policyOut, desired.policyOut),
    ] where from != to {
      fields.append(
        FieldChange(name, from: from.map { .text($0.rawValue) }, to: to.map { .text($0.rawValue) }))
      reasons.append(from == nil ? "\(name) is not set" : "\(name) differs")
    }
  }

  private mutating func compare(_ live: [Proxmox.Rule], _ desired: [Proxmox.Rule]) {
    let pairs = Self.pairs(live, desired)
    let kept = Set(pairs.map(\.live)), there = Set(pairs.map(\.desired))
    let strays = live.indices.filter { !kept.contains($0) }
    let missing = desired.indices.filter { !there.contains($0) }
    for index in Set(strays + missing).sorted() {
      fields.append(
        row(index, strays.contains(index) ? live[index] : nil, missing.contains(index) ? desired[index] : nil)
      )
    }
    var disabled = 0, comments = 0
    for pair in pairs {
      let (from, to) = (live[pair.live], desired[pair.desired])
      if !from.isEnabled {
        fields.append(FieldChange("rules[\(pair.live)].enable", from: .flag(false), to: .flag(true)))
        disabled += 1
      }
      if let comment = to.comment, comment != from.comment {
        fields.append(
          FieldChange("rules[\(pair.live)].comment", from: from.comment.map { .text($0) }, to: .text(comment))
        )
        comments += 1
      }
    }
    explain(
      strays: strays.map { live[$0].match }, missing: missing.map { desired[$0].match }, disabled: disabled,
      comments: comments)
  }

  private mutating func explain(
    strays: [Proxmox.Rule.Match], missing: [Proxmox.Rule.Match], disabled: Int, comments: Int
  ) {
    if !strays.isEmpty, Set(strays) == Set(missing) {
      reasons.append("rule order differs")
    } else {
      if !strays.isEmpty { reasons.append(Self.count(strays.count, "is", "are", "not declared")) }
      if !missing.isEmpty { reasons.append(Self.count(missing.count, "is", "are", "missing")) }
    }
    if disabled > 0 { reasons.append(Self.count(disabled, "is", "are", "disabled")) }
    if comments > 0 { reasons.append(Self.count(comments, "has", "have", "another comment")) }
  }

  private static func count(_ count: Int, _ one: String, _ many: String, _ what: String) -> String {
    count == 1 ? "1 rule \(one) \(what)" : "\(count) rules \(many) \(what)"
  }

  private func row(_ index: Int, _ from: Proxmox.Rule?, _ to: Proxmox.Rule?) -> FieldChange {
    FieldChange(
      "rules[\(index)]", from: from.map { .text($0.description) }, to: to.map { .text($0.description) })
  }

  /// Which live rule stands for which desired one: those that stay where they are when nothing is missing.
  private static func pairs(
    _ live: [Proxmox.Rule], _ desired: [Proxmox.Rule]
  ) -> [(live: Int, desired: Int)] {
    let alignment = RuleAlignment(desired: desired, live: live)
    guard alignment.missing == 0 else { return commonRules(live, desired) }
    return alignment.positions.enumerated().map { ($1, $0) }
  }

  /// The longest part that both lists have in common, in order.
  private static func commonRules(
    _ live: [Proxmox.Rule], _ desired: [Proxmox.Rule]
  ) -> [(live: Int, desired: Int)] {
    var lengths = [[Int]](
      repeating: [Int](repeating: 0, count: desired.count + 1), count: live.count + 1)
    for i in live.indices.reversed() {
      for j in desired.indices.reversed() {
        lengths[i][j] =
          live[i].match == desired[j].match
          ? lengths[i + 1][j + 1] + 1 : max(lengths[i + 1][j], lengths[i][j + 1])
      }
    }
    var pairs: [(live: Int, desired: Int)] = []
    var (i, j) = (0, 0)
    while i < live.count, j < desired.count {
      if live[i].match == desired[j].match {
        pairs.append((i, j))
        (i, j) = (i + 1, j + 1)
      } else if lengths[i + 1][j] >= lengths[i][j + 1] {
        i += 1
      } else {
        j += 1
      }
    }
    return pairs
  }
}
