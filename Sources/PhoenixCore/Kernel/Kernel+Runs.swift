/// How runs begin, look, plan, act in waves and end.
extension Kernel {
  mutating func startNextRun(_ now: Moment) {
    guard run == nil else { return }
    if let next = pendingConfiguration {
      pendingConfiguration = nil
      adopt(next)
    }
    let isPassDue = ripenTriggers(now) || waiting.contains(where: \.isPass)
    if let index = waiting.firstIndex(where: { !$0.isPass }), !(isPassDue && wasRequested) {
      wasRequested = true
      begin(waiting.remove(at: index), alsoFor: [], now)
    } else if isPassDue {
      wasRequested = false
      beginPass(now)
    }
  }

  /// Gathers what is due by now. Returns whether there is anything to look at.
  private mutating func ripenTriggers(_ now: Moment) -> Bool {
    guard !configuration.onlyOnRequest else { return false }
    for entry in schedule(now) where entry.moment.map({ $0 <= now.boot }) ?? false {
      if let trigger = entry.trigger { triggers.put(trigger) }
    }
    triggers.ripen(at: now.boot)
    return !triggers.pending.isEmpty
  }

  /// One pass for everybody who waits for one, and for all triggers.
  private mutating func beginPass(_ now: Moment) {
    let passes = waiting.filter(\.isPass)
    waiting.removeAll(where: \.isPass)
    let reasons = passes.reduce(into: triggers.take()) { reasons, request in
      if case .pass(let triggers) = request.purpose { reasons.formUnion(triggers) }
    }
    let first = passes.first?.id ?? nextRunID()
    begin(RunRequest(first, .pass(reasons)), alsoFor: passes.dropFirst().map(\.id), now)
  }

  private mutating func begin(_ request: RunRequest, alsoFor: [RunID], _ now: Moment) {
    var scope = Set(systems.keys)
    if case .pass(let triggers) = request.purpose, !triggers.contains(where: { $0.system == nil }) {
      let unseen = systems.values.filter { !$0.isObserved }.map(\.name)
      scope.formIntersection(Set(triggers.compactMap(\.system)).union(unseen))
    }
    run = Run(request: request, alsoFor: alsoFor, started: now, scope: scope, looked: now.boot)
    tell(.runStarted(request), run: request.id)
    lookAt(scope, now)
  }

  /// Asks for a look at systems; goes on when all have answered.
  private mutating func lookAt(_ names: Set<SystemName>, _ now: Moment) {
    guard let id = run?.request.id else { return }
    run?.awaited = names
    run?.looked = now.boot
    if names.isEmpty { return looked(now) }
    // One that is looked at now is looked at again after that: what it brings is older than this.
    for name in names.subtracting(run?.watching ?? []).sorted() { effects.append(.observe(id, name)) }
  }

  mutating func look(_ id: RunID, _ observation: Observation, _ now: Moment) {
    guard run?.request.id == id else { return }
    if run?.watching.remove(observation.system) != nil {
      if run?.awaited.contains(observation.system) ?? false {
        return effects.append(.observe(id, observation.system))
      }
      return watched(observation, now)
    }
    guard run?.awaited.remove(observation.system) != nil else { return }
    accept(observation)
    if run?.request.isPass ?? false { notePass(over: observation.system, now) }
    tellHealth(of: observation.system, run: id)
    goOn(now)
  }

  /// Goes on when all have answered and no cut is under way; until then, with what need not wait for that.
  mutating func goOn(_ now: Moment) {
    guard let current = run else { return }
    if current.awaited.isEmpty, current.active.isEmpty { return looked(now) }
    if !current.awaited.isEmpty { cut(now) }
  }

  /// Cuts exposures as soon as they are seen: a guest that hangs must not keep a port open for a minute.
  private mutating func cut(_ now: Moment) {
    guard let current = run, current.request.isPass || current.approvedPlan != nil, !current.isCancelled
    else { return }
    let (seen, facts) = (current.scope.subtracting(current.awaited), facts())
    // A plan at each answer would be much for what is hardly ever there.
    guard
      seen.contains(where: { name in
        systems[name]?.changes(facts: facts, now: now.wall).contains(where: \.endsExposure) ?? false
      })
    else { return }
    let (plan, input) = plan(now)
    begin(cutting: plan, input, in: seen)
  }

  /// What would be done now, and what that is made of.
  func plan(_ now: Moment) -> (Plan, PlannerInput) {
    let input = plannerInput(now)
    return (Planner.plan(input), input)
  }

  /// Begins what a plan has of cuts that wait for nothing.
  mutating func begin(cutting plan: Plan, _ input: PlannerInput, in seen: Set<SystemName>) {
    guard let current = run else { return }
    let cuts = plan.actions.filter { action in
      action.change.endsExposure && action.after.isEmpty && seen.contains(action.resource.system)
        && current.active[action.resource] == nil && current.ended[action.resource] == nil
    }
    guard !cuts.isEmpty, PlanCheck.violations(of: plan, input).isEmpty else { return }
    for cut in cuts { tellDrift(cut.change, run: current.request.id) }
    begin(cuts)
  }

  private mutating func begin(_ actions: [Action]) {
    for action in actions {
      run?.active[action.resource] = Run.ActionRun(action: action)
      effects.append(.enqueue(action, route(of: action.resource)))
    }
  }

  private mutating func notePass(over system: SystemName, _ now: Moment) {
    lastPass[system] = now
    let isSettled = systems[system].map { $0.health() == .readable && !$0.isInMotion() } ?? false
    // What waited for it goes on at once, whosever it is.
    if isSettled, unsettledPasses[system] != nil, !held.isEmpty { triggers.put(.nudge) }
    unsettledPasses[system] = isSettled ? nil : (unsettledPasses[system] ?? 0) + 1
  }

  mutating func accept(_ observation: Observation) {
    systems[observation.system]?.accept(observation)
    for (resource, identity) in systems[observation.system]?.identities() ?? [:]
    where memory.identities[resource] == nil { memory.identities[resource] = identity }
  }

  /// Everything that was asked for has been looked at.
  private mutating func looked(_ now: Moment) {
    guard let current = run else { return }
    if current.isCancelled, current.approvedPlan == nil {
      // What it was for is still to be looked at, by whoever comes next.
      if case .pass(let reasons) = current.request.purpose { for reason in reasons { triggers.put(reason) } }
      return end(now, refusal: "cancelled")
    }
    if current.isCancelled || (pendingConfiguration != nil && current.approvedPlan != nil) { return end(now) }
    let input = plannerInput(now)
    let plan = Planner.plan(input)
    if current.approvedPlan == nil {
      first(plan, input, now)
    } else {
      act(on: plan, input, now)
    }
  }

  private mutating func first(_ plan: Plan, _ input: PlannerInput, _ now: Moment) {
    guard let current = run else { return }
    switch current.request.purpose {
    case .plan:
      run?.approvedPlan = plan
      return end(now)
    case .pass:
      // What is needed to act is read anew, also of systems whose turn it was not.
      let rest = Set(systems.keys).subtracting(current.scope)
      if !plan.actions.isEmpty, !rest.isEmpty {
        run?.scope = Set(systems.keys)
        lookAt(rest, now)
        return goOn(now)
      }
    case .apply(let digest):
      if let digest, digest != plan.digest {
        run?.approvedPlan = plan
        return end(
          now,
          refusal: "the world or the files have changed since the plan was made: "
            + "it was \(digest), it is \(plan.digest); make a new plan")
      }
    }
    run?.approvedPlan = plan
    if case .apply = current.request.purpose, !plan.actions.isEmpty {
      memory.approvals.append(
        KernelMemory.Approval(plan, desiredDigest: configuration.desiredDigest, given: now.wall))
    }
    act(on: plan, input, now)
  }

  /// Starts the actions that wait for nothing; ends the run when there are none.
  private mutating func act(on plan: Plan, _ input: PlannerInput, _ now: Moment) {
    guard let current = run else { return }
    run?.heldLast = plan.held
    noteHeld(in: plan)
    followUpConsequences(in: plan, now)
    let violations = PlanCheck.violations(of: plan, input)
    if !violations.isEmpty {
      tell(.planRefused(violations), run: current.request.id)
      return end(now, refusal: "the plan was refused: \(violations.joined(separator: "; "))")
    }
    let isNews = tellNews(of: plan, run: current.request.id)
    if !plan.actions.isEmpty || isNews { tell(.planned(wave: current.wave, plan), run: current.request.id) }
    let free = plan.actions.filter(\.after.isEmpty)
    guard !free.isEmpty else { return end(now) }
    run?.wave += 1
    begin(free)
  }

  private mutating func noteHeld(in plan: Plan) {
    let newer = Dictionary(
      plan.held.map { ($0.change.resource, $0) }, uniquingKeysWith: { first, _ in first })
    // A run about a part says nothing of the rest, but for what its targets require.
    let acted = Set(plan.actions.map(\.resource))
    held = held.filter { !isInScope($0.key) && !acted.contains($0.key) }.merging(newer) { _, newer in newer }
  }

  /// What the actions of this run have brought about, such as a certificate that a service has yet to take up, was
  /// not part of its plan. It gets a pass of its own soon: the interval may be minutes away. So does what was done and
  /// is to be changed again, since what it follows from has changed meanwhile; but once, or two who write the same
  /// thing would chase each other.
  private mutating func followUpConsequences(in plan: Plan, _ now: Moment) {
    guard let current = run, current.request.targets == nil else { return }
    for held in plan.held where held.cause == .notApproved {
      let isAgain = current.ended[held.change.resource] != nil && current.request.isFollowUp
      // An exposure is chased all the same.
      guard !isAgain || held.change.endsExposure else { continue }
      triggers.put(.followUp(held.change.resource.system), at: now.boot + .milliseconds(500))
    }
  }

  /// A wave is over: the world is looked at and planned again, within what was approved.
  mutating func waveEnded(_ now: Moment) {
    guard let current = run else { return }
    // Cuts beside looks are no wave: the looks go on.
    guard current.approvedPlan != nil, current.awaited.isEmpty else { return goOn(now) }
    lookAt(current.scope, now)
  }

  mutating func cancel(_ id: RunID, _ now: Moment) {
    if let index = waiting.firstIndex(where: { $0.id == id }) {
      let request = waiting.remove(at: index)
      effects.append(.reply(.refused(request.id, "cancelled")))
      return
    }
    guard run?.request.id == id else { return }
    run?.isCancelled = true
    for resource in run?.active.keys.sorted() ?? [] { effects.append(.cancel(resource)) }
    if case .plan = run?.request.purpose { end(now) }
  }

  private mutating func end(_ now: Moment, refusal: String? = nil) {
    guard let current = run else { return }
    let plan =
      current.approvedPlan
      ?? Plan(digest: "", actions: [], held: [], findings: [], systems: healths())
    let result = result(of: current, plan, refusal: refusal, now)
    let changes = allChanges(now)
    remember(current, differing: Set(changes.map(\.resource)), now)
    statuses.update(self, differing: changes, now)
    let hasActed = !plan.actions.isEmpty || !current.ended.isEmpty
    let isSteady = (!hasActed || current.request.isPlan) && refusal == nil
    tell(
      .runEnded(result, isSteady: isSteady, duration: now.boot - current.started.boot),
      run: current.request.id)
    effects.append(.reply(result))
    for id in current.alsoFor {
      effects.append(.reply(RunResult(id: id, refusal: refusal, plan: plan, actions: result.actions)))
    }
    if current.request.isPass, current.scope == Set(systems.keys) { lastFullPass = now }
    run = nil
    startNextRun(now)
  }

  private func result(of current: Run, _ plan: Plan, refusal: String?, _ now: Moment) -> RunResult {
    var actions = current.ended
    if !current.request.isPlan {
      for action in plan.actions where actions[action.resource] == nil {
        let outcome = outcome(ofNeverBegun: action, in: current, now)
        actions[action.resource] = RunResult.ActionResult(outcome: outcome, duration: .zero, attempts: 0)
      }
      for held in plan.held where actions[held.change.resource] == nil {
        actions[held.change.resource] = RunResult.ActionResult(
          outcome: .held(held.reason), duration: .zero, attempts: 0)
      }
    }
    return RunResult(id: current.request.id, refusal: refusal, plan: plan, actions: actions)
  }

  /// Whose turn never came: what came before it may have made it needless, or a later plan kept it back.
  private func outcome(ofNeverBegun action: Action, in current: Run, _ now: Moment) -> Outcome {
    if current.isCancelled { return .cancelled }
    if unreadableReason(of: action.resource) == nil, pendingChange(of: action.resource, now) == nil {
      return .unchanged
    }
    let held = current.heldLast.first { $0.change.resource == action.resource }
    return held.map { .held($0.reason) } ?? .blocked(by: action.after)
  }

  private func isReadable(_ id: ResourceID) -> Bool {
    if case .unreadable = readiness(of: id) { false } else { true }
  }

  /// What a run has shown about resources, for guards and for approvals.
  private mutating func remember(_ current: Run, differing: Set<ResourceID>, _ now: Moment) {
    let looked = current.scope.filter { name in
      guard let health = systems[name]?.health() else { return false }
      if case .unreadable = health { return false }
      return true
    }
    let isSettled: (ResourceID) -> Bool = { [self] id in
      guard looked.contains(id.system), !differing.contains(id) else { return false }
      // What cannot be read shows no difference either, and no more does what follows from it.
      return ([id] + (declared[id]?.requires ?? [])).allSatisfy(isReadable)
    }
    for id in declared.keys where isSettled(id) { memory.seenInSync.insert(id) }
    memory.seenInSync = memory.seenInSync.filter { id in
      declared[id] != nil || differing.contains(id) || !looked.contains(id.system)
    }
    memory.troubles = memory.troubles.filter { id, trouble in
      // One that lies ahead was released when the clock was set back; it must not hold again when that comes.
      trouble.since <= now.wall && !isSettled(id)
    }
    memory.suspensions = memory.suspensions.filter { $0.value.until.map { now.wall < $0 } ?? true }
    memory.approvals = memory.approvals.compactMap { approval in
      let isOver = current.isApply && approval.digest == current.approvedPlan?.digest
      guard approval.holds(at: now.wall), !isOver else { return nil }
      var open = approval
      open.changes = approval.changes.filter { !isSettled($0.key) }
      return open.changes.isEmpty ? nil : open
    }
  }
}

extension RunRequest {
  /// Whether it looks after what an earlier run has brought about.
  var isFollowUp: Bool {
    guard case .pass(let triggers) = purpose else { return false }
    return triggers.contains { if case .followUp = $0 { true } else { false } }
  }
  var isPass: Bool { if case .pass = purpose { true } else { false } }
  var isPlan: Bool { if case .plan = purpose { true } else { false } }
}

extension Run {
  var isApply: Bool { if case .apply = request.purpose { true } else { false } }
}
