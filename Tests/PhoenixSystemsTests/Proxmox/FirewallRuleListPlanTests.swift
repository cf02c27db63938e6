import Testing

@testable import PhoenixSystems

@Suite("The safe way from one rule list to another")
struct FirewallRuleListPlanTests {
  @Test(
    "No packet gets through, or is stopped, that neither before nor after would be", arguments: [0, 10, 40])
  func convergesSafely(drift: Int) {
    var traffic = FirewallTraffic()
    for seed in 0..<UInt64(600) {
      let scenario = FirewallScenario(seed: seed, drift: drift, isUniform: seed % 2 == 0)
      let trouble = scenario.run(FirewallScenario.planner, &traffic)
      #expect(trouble == nil, "seed \(seed)")
      if trouble != nil { return }
    }
  }

  @Test("2375 is closed before anything else: a write for each rule that opens it alone, and one more")
  func closesFirst() {
    var traffic = FirewallTraffic()
    var seen = 0
    for seed in 0..<UInt64(1500) {
      let scenario = FirewallScenario(seed: seed, drift: 0, isUniform: seed % 2 == 0)
      guard let closing = scenario.closing(&traffic) else { continue }
      seen += 1
      #expect(closing.writes <= closing.narrow + 1, "seed \(seed)")
    }
    #expect(seen > 100)
  }

  @Test("A planted mistake is found", arguments: PlantedMistake.allCases)
  func mistakesAreFound(mistake: PlantedMistake) {
    var traffic = FirewallTraffic()
    let finding = (0..<UInt64(4000)).first { seed in
      let scenario = FirewallScenario(seed: seed, drift: seed % 2 == 0 ? 0 : 30, isUniform: false)
      return scenario.run(mistake.planner, &traffic) != nil
    }
    #expect(finding != nil)
  }
}

/// A plausible way of doing it that is wrong.
enum PlantedMistake: String, CaseIterable {
  case removesFirst, removesFromTheTop, insertsEnabled, enablesFromTheBottom, setsPoliciesLast
  case switchesOnFirst, ignoresDisabled, forgetsPolicies, leavesStrays, insertsInOrder

  var planner: FirewallScenario.Planner {
    { live, target in
      guard let step = FirewallScenario.planner(live, target) else { return nil }
      guard case .exactly(let options, let rules, _) = target else { return step }
      let alignment = RuleAlignment(desired: rules, live: live.rules)
      let strays = live.rules.indices.filter { !alignment.positions.contains($0) }
      switch (self, step) {
      case (.removesFirst, .insert), (.removesFirst, .enable), (.setsPoliciesLast, .options):
        return strays.last.map { .delete($0) } ?? step
      case (.removesFromTheTop, .delete): return strays.first.map { .delete($0) } ?? step
      case (.insertsEnabled, .insert(var rule)):
        rule.isEnabled = true
        return .insert(rule)
      case (.enablesFromTheBottom, .enable):
        return alignment.positions.last { !live.rules[$0].isEnabled }.map { .enable($0) } ?? step
      case (.switchesOnFirst, _) where options.isEnabled && !live.options.isEnabled:
        return .options(isEnabled: true, policyIn: nil, policyOut: nil)
      case (.ignoresDisabled, .enable): return nil
      case (.forgetsPolicies, .options): return nil
      case (.leavesStrays, .delete): return nil
      case (.insertsInOrder, .insert): return .insert(rules[0])
      default: return step
      }
    }
  }
}
