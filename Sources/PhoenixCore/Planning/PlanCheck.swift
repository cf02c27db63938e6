/// Looks at a finished plan with other eyes than the planner's, and refuses what must never run.
///
/// It shares no code with the planner: a mistake there is caught here.
public enum PlanCheck {
  /// What must never run; empty for a plan that may.
  public static func violations(of plan: Plan, _ input: PlannerInput) -> [String] {
    var problems: [String] = []
    var position: [ResourceID: Int] = [:]
    for (index, action) in plan.actions.enumerated() {
      if position.updateValue(index, forKey: action.resource) != nil {
        problems.append("\(action.resource) is acted on twice")
      }
    }
    let held = Set(plan.held.map(\.change.resource))
    for (index, action) in plan.actions.enumerated() {
      problems += order(of: action, at: index, position, input)
      problems += permission(for: action, held, input)
    }
    return problems
  }

  private static func order(
    of action: Action, at index: Int, _ position: [ResourceID: Int], _ input: PlannerInput
  ) -> [String] {
    var problems: [String] = []
    for other in action.after {
      guard let place = position[other] else {
        problems.append("\(action.resource) waits for \(other), which is not in the plan")
        continue
      }
      if place >= index { problems.append("\(action.resource) comes before \(other), which it waits for") }
    }
    guard action.change.kind != .delete, !action.change.isSelfContained else { return problems }
    for required in input.declared[action.resource]?.requirements(for: action.change.kind) ?? [] {
      if let place = position[required] {
        if place >= index || !action.after.contains(required) {
          problems.append("\(action.resource) does not wait for \(required), which it requires")
        }
      } else if case .ready = input.readiness(required) {
        continue
      } else {
        problems.append("\(action.resource) requires \(required), which is not ready")
      }
    }
    return problems
  }

  private static func permission(for action: Action, _ held: Set<ResourceID>, _ input: PlannerInput)
    -> [String]
  {
    let id = action.resource
    var problems: [String] = []
    if held.contains(id) { problems.append("\(id) is held and acted on") }
    if !input.allowedRisks(for: action.change).contains(action.change.risk) {
      problems.append("\(id) is \(action.change.risk.rawValue), which is not allowed")
    }
    let isCut =
      action.change.endsExposure && action.change.risk == .safe && input.policy.heals(id.system)
    if let approved = input.approved, !isCut, approved[id].map({ action.change.risk > $0 }) ?? true {
      problems.append("\(id) goes beyond what was approved")
    }
    switch input.health[id.system] {
    case .readable, .partly: break
    case .unreadable, nil: problems.append("\(id) belongs to a system that cannot be read")
    }
    if case .unreadable = input.readiness(id) { problems.append("\(id) cannot be read") }
    if action.change.hold != nil { problems.append("\(id) is refused by its own system") }
    if input.memory.isPaused { problems.append("everything is paused") }
    if let suspension = input.memory.suspensions[id], suspension.until.map({ input.now.wall < $0 }) ?? true {
      problems.append("\(id) is suspended")
    }
    if action.change.kind == .create, input.memory.identities[id] != nil, action.change.risk != .destructive {
      problems.append("\(id) was there before, and making it anew is destructive")
    }
    return problems
  }
}
