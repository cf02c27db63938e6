@testable import PhoenixSystems

/// A firewall that should become another one, while others change it and we are killed at any step.
struct FirewallScenario {
  typealias Planner = @Sendable (Proxmox.LiveFirewall, Proxmox.FirewallTarget) -> FirewallStep?

  static let planner: Planner = { FirewallRuleListPlan.next(from: $0, to: $1, groups: [:]) }

  let seed: UInt64
  /// In percent: how often somebody else changes something before one of our steps.
  let drift: Int
  let isUniform: Bool

  /// Drives it until nothing is left to do.
  ///
  /// - Returns: What went wrong, nil when nothing did.
  func run(_ planner: Planner, _ traffic: inout FirewallTraffic) -> String? {
    var generator = SeededGenerator(seed: seed)
    let rules = desiredRules(&generator)
    let options = Proxmox.FirewallOptions(
      isEnabled: generator.chance(90), policyIn: generator.chance(80) ? .drop : .accept,
      policyOut: generator.chance(80) ? .accept : .drop)
    let desired = traffic.passed(by: Proxmox.LiveFirewall(options: options, rules: rules))
    let closesDockerAPI =
      options.isEnabled
      && DockerExposure(
        of: Proxmox.LiveFirewall(options: options, rules: rules), groups: [:]) == .none
    let target = Proxmox.FirewallTarget.exactly(
      options: options, rules: rules, closesDockerAPI: closesDockerAPI)
    var firewall = SimulatedFirewall(Self.startingPoint(rules, &generator))
    var driftLeft = 12
    for step in 0..<400 {
      let isDisturbed = driftLeft > 0 && generator.chance(drift)
      if isDisturbed {
        driftLeft -= 1
        disturb(&firewall, &generator)
      }
      // A kill loses everything we knew; there is nothing to lose, so it is the same as looking again.
      let seen = firewall.live
      guard let next = planner(seen, target) else {
        if isDisturbed || driftLeft > 0 && drift > 0 && generator.chance(50) { continue }
        guard traffic.passed(by: seen) == desired else {
          return "after \(step) steps it says it is done, and it is not: \(seen)"
        }
        return nil
      }
      // Rules and options have a digest each, and Proxmox compares only that of what is written: what changes
      // in the other one between our look and our write cannot be noticed by anybody.
      if driftLeft > 0, !next.isOptions, generator.chance(drift) {
        driftLeft -= 1
        disturbRules(&firewall, &generator)
      }
      let before = traffic.passed(by: firewall.live)
      do { try firewall.carryOut(next, seen: seen) } catch { continue }
      let after = traffic.passed(by: firewall.live)
      let wrong = (after ^ before) & (after ^ desired)
      if let example = FirewallTraffic.example(in: wrong) {
        return "\(next) changed what happens to \(example), and not to what is desired; "
          + "seen \(seen.rules) \(seen.options); desired \(rules) \(options)"
      }
    }
    return "it never ends: \(firewall.live)"
  }

  /// Drives it undisturbed until 2375 is closed.
  ///
  /// - Returns: The writes that took, and how many rules opened nothing but 2375; nil when it was not open, or
  ///   may stay open.
  func closing(_ traffic: inout FirewallTraffic) -> (writes: Int, narrow: Int)? {
    var generator = SeededGenerator(seed: seed)
    let rules = desiredRules(&generator)
    let options = Proxmox.FirewallOptions(isEnabled: true, policyIn: .drop, policyOut: .accept)
    let desired = Proxmox.LiveFirewall(options: options, rules: rules)
    guard DockerExposure(of: desired, groups: [:]) == .none else { return nil }
    let target = Proxmox.FirewallTarget.exactly(options: options, rules: rules, closesDockerAPI: true)
    var firewall = SimulatedFirewall(Self.startingPoint(rules, &generator))
    let open = FirewallTraffic.dockerAPI
    guard firewall.live.options.isEnabled, any(traffic.passed(by: firewall.live) & open) else { return nil }
    let narrow = firewall.live.rules.count { $0.opensOnlyDockerAPI }
    for writes in 0..<400 {
      guard any(traffic.passed(by: firewall.live) & open) else { return (writes, narrow) }
      guard let step = Self.planner(firewall.live, target) else { return (.max, narrow) }
      let seen = firewall.live
      try? firewall.carryOut(step, seen: seen)
    }
    return (.max, narrow)
  }

  private func any(_ set: FirewallTraffic.SampleSet) -> Bool { set != .zero }

  private func desiredRules(_ generator: inout SeededGenerator) -> [Proxmox.Rule] {
    var rules: [Proxmox.Rule] = []
    for _ in 0..<Int.random(in: 0...6, using: &generator) {
      var rule = Self.randomRule(&generator)
      rule.isEnabled = true
      if isUniform { rule.match.action = "ACCEPT" }
      if !rules.contains(where: { $0.match == rule.match }) { rules.append(rule) }
    }
    return rules
  }

  /// What is there first: something unrelated, or what should be with rules missing, added, moved, disabled.
  static func startingPoint(
    _ rules: [Proxmox.Rule], _ generator: inout SeededGenerator
  ) -> Proxmox.LiveFirewall {
    var live = generator.chance(60) ? rules : []
    for _ in 0..<Int.random(in: 0...6, using: &generator) {
      live.insert(Self.randomRule(&generator), at: Int.random(in: 0...live.count, using: &generator))
    }
    if generator.chance(30) { live.shuffle(using: &generator) }
    for index in live.indices where generator.chance(15) { live[index].isEnabled.toggle() }
    return Proxmox.LiveFirewall(
      options: Proxmox.FirewallOptions(
        isEnabled: generator.chance(75),
        policyIn: [nil, .accept, .drop, .drop].pick(&generator),
        policyOut: [nil, .accept, .drop].pick(&generator)),
      rules: live)
  }

  private static func randomRule(_ generator: inout SeededGenerator) -> Proxmox.Rule {
    let transport = generator.chance(20) ? nil : FirewallTraffic.transports.pick(&generator)
    return Proxmox.Rule(
      generator.chance(85) ? "in" : "out", generator.chance(65) ? "ACCEPT" : "DROP", transport,
      ports: transport == nil ? nil : FirewallTraffic.ports.pick(&generator),
      source: FirewallTraffic.sources.pick(&generator), isEnabled: generator.chance(85))
  }

  private func disturb(_ firewall: inout SimulatedFirewall, _ generator: inout SeededGenerator) {
    guard generator.chance(25) else { return disturbRules(&firewall, &generator) }
    let isEnabled = generator.chance(50)
    let policyIn = [nil, .accept, .drop].pick(&generator) as Proxmox.PacketPolicy?
    try? firewall.setOptions(digest: nil) { options in
      options.isEnabled = isEnabled
      options.policyIn = policyIn
    }
  }

  private func disturbRules(_ firewall: inout SimulatedFirewall, _ generator: inout SeededGenerator) {
    let count = firewall.live.rules.count
    guard count > 0, !generator.chance(40) else { return firewall.insert(Self.randomRule(&generator)) }
    let position = Int.random(in: 0..<count, using: &generator)
    switch Int.random(in: 0..<3, using: &generator) {
    case 0: try? firewall.delete(position, digest: nil)
    case 1:
      try? firewall.move(position, to: Int.random(in: 0...count, using: &generator), digest: nil)
    default: try? firewall.update(position, digest: nil) { $0.isEnabled.toggle() }
    }
  }
}

extension FirewallStep {
  fileprivate var isOptions: Bool { if case .options = self { true } else { false } }
}
