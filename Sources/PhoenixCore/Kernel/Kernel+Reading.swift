/// What the kernel derives from its systems' states.
extension Kernel {
  func facts() -> Facts {
    var facts = Facts()
    for name in systems.keys.sorted() { facts.publish(systems[name]?.facts() ?? [:]) }
    return facts
  }

  /// What other systems published, for the hands that carry a change out.
  public func currentFacts() -> Facts { facts() }

  /// The same for reports, be it from before new files came: to be told, and not to be acted on.
  public func reportedFacts() -> Facts {
    var facts = facts()
    for (name, before) in factsBefore where systems[name]?.isObserved == false { facts.publish(before) }
    return facts
  }

  /// How long one action may take.
  public var actionLimit: Duration { configuration.actionDeadline }

  /// The state of a system, for the hands that look and act.
  public func state(of system: SystemName) -> (any SystemState)? { systems[system] }

  func readiness(of resource: ResourceID) -> Readiness {
    guard let system = systems[resource.system] else {
      return .unreadable("\(resource.system.rawValue) is not kept by this Phoenix")
    }
    return system.readiness(of: resource)
  }

  func route(of resource: ResourceID) -> Route {
    systems[resource.system]?.route(of: resource) ?? Route(lane: resource.description, endpoint: "")
  }

  func healths() -> [SystemName: SystemHealth] { systems.compactMapValues { $0.health() } }

  func allChanges(_ now: Moment) -> [Change] {
    let facts = facts()
    return systems.keys.sorted().flatMap { systems[$0]?.changes(facts: facts, now: now.wall) ?? [] }
  }

  /// The change that a resource still needs; nil when none.
  func pendingChange(of resource: ResourceID, _ now: Moment) -> Change? {
    let changes = systems[resource.system]?.changes(facts: facts(), now: now.wall) ?? []
    return changes.first { $0.resource == resource }.map { Planner.prepared($0, declared, memory) }
  }

  func plannerInput(_ now: Moment) -> PlannerInput {
    var input = rulesInput(now)
    // Those of systems that this run does not look at, too, as they were seen last: guards count them, and what
    // waits for them is told why. Before anything is done they are looked at anew.
    input.changes = allChanges(now)
    input.declared = declared
    let states = systems
    input.readiness = { resource in
      states[resource.system]?.readiness(of: resource)
        ?? .unreadable("\(resource.system.rawValue) is not kept by this Phoenix")
    }
    input.health = healths()
    input.isJournalWritable = isStateWritable
    input.approved = run?.approvedRisks
    for held in run?.approvedPlan?.held ?? [] where held.cause == .guard {
      input.guarded[held.change.resource] = held.reason
    }
    input.ended = run?.ended.mapValues(\.outcome) ?? [:]
    input.targets = run?.request.targets
    input.desiredDigest = configuration.desiredDigest
    input.findings = currentFindings
    input.actionDeadline = configuration.actionDeadline
    return input
  }

  /// What the rules about a single change ask for, without what differs: an action asks again at its turn.
  func rulesInput(_ now: Moment) -> PlannerInput {
    var input = PlannerInput(now: now)
    let states = systems
    input.route = { states[$0.system]?.route(of: $0) ?? Route(lane: $0.description, endpoint: "") }
    input.origin = run?.request.origin ?? .daemon
    input.policy = configuration.policy
    input.memory = memory
    input.openCircuits = Set(circuits.filter { !$0.value.allows(at: now.boot) }.keys)
    return input
  }
}
