/// How one action goes: look whether it is still wanted, carry it out, look until it is so.
extension Kernel {
  /// Takes in what happened within an action.
  ///
  /// - Parameters:
  ///   - resource: The action's resource.
  ///   - input: What happened.
  ///   - now: When.
  /// - Returns: What the action does next, and what the driver does before that, in this order.
  public mutating func advance(
    _ resource: ResourceID, _ input: ActionInput, at now: Moment
  ) -> (step: ActionStep, effects: [KernelEffect]) {
    let step = next(resource, input, now)
    return (step, takeEffects())
  }

  private mutating func next(_ resource: ResourceID, _ input: ActionInput, _ now: Moment) -> ActionStep {
    guard var current = run?.active[resource] else { return .done }
    if case .observed(let observation) = input { accept(observation) }
    if case .cancelled = input { return finish(resource, .cancelled, now) }
    defer { if run?.active[resource] != nil { run?.active[resource] = current } }

    switch (input, current.phase) {
    case (.begin, .queued):
      if run?.isCancelled ?? true { return finish(resource, .cancelled, now) }
      current.started = now
      current.phase = .rechecking
      tell(.actionStarted(current.action.change), run: run?.request.id)
      return .observe(resource)

    case (.observed, .rechecking):
      switch recheck(current.action, now) {
      case .end(let outcome): return finish(resource, outcome, now)
      case .apply(let change):
        current.action = current.action.with(change)
        current.phase = .applying
        memory.inFlight[resource] = PlanDigest.of(change)
        return .apply(change)
      }

    case (.unjournaled, .applying):
      return finish(resource, .held("the state directory cannot be written, so it was not begun"), now)

    case (.applied, .applying):
      current.phase = .proving(nil)
      return .observe(resource)

    case (.applyFailed(let failure), .applying):
      if failure.persistence == .conflict { return finish(resource, .stale, conflict: failure, now) }
      // The answer may have been lost on its way back: look before believing the failure.
      current.phase = .proving(failure)
      return .observe(resource)

    case (.observed, .proving(let failure)):
      current.looks += 1
      switch (pendingReason(of: resource, now), failure) {
      case (nil, _): return finish(resource, .verified, now)
      case (_, .some(let failure)): return finish(resource, .failed(failure), now)
      case (.some(let reason), nil):
        if current.isOverdue(at: now) || current.looks == Self.provingLooks {
          return finish(resource, .notConverged(reason), now)
        }
        return .wait(
          Backoff(first: .milliseconds(200), limit: .seconds(5)).delay(attempt: current.looks, jitter: 0))
      }

    case (.waited, .proving): return .observe(resource)

    default:
      let failure = Failure(
        .permanent, doing: "act on \(resource)", got: "a step out of order",
        hint: "this is a defect of Phoenix, please report it")
      return finish(resource, .failed(failure), now)
    }
  }

  /// So often it is looked whether an applied change shows: over half a minute. All else waits meanwhile.
  private static let provingLooks = 10

  private enum Verdict {
    case apply(Change)
    case end(Outcome)
  }

  /// Whether the action is still what is wanted, after a fresh look.
  private func recheck(_ action: Action, _ now: Moment) -> Verdict {
    if let reason = unreadableReason(of: action.resource) {
      return .end(
        .failed(
          Failure(.transient, doing: "look at \(action.resource) before acting on it", got: reason)))
    }
    if let hold = HoldRules.holdAtItsTurn(on: action.change, rulesInput(now)) {
      return .end(.held(hold.reason))
    }
    guard let change = pendingChange(of: action.resource, now) else { return .end(.unchanged) }
    // What it requires was ready when the plan was made; a look since then may have shown otherwise.
    if change.kind != .delete {
      for required in change.requires where readiness(of: required) != .ready {
        return .end(.blocked(by: [required]))
      }
    }
    let isSame = PlanDigest.of(change) == PlanDigest.of(action.change)
    guard change.hold == nil, isSame || change.isCut(like: action.change) else { return .end(.stale) }
    // Another cut than was planned may be one that has failed before.
    if !isSame, let hold = HoldRules.troubled(change, rulesInput(now)) { return .end(.held(hold.reason)) }
    return .apply(change)
  }

  /// Why the resource is not proved to be as it should; nil when it is.
  private func pendingReason(of resource: ResourceID, _ now: Moment) -> String? {
    if let reason = unreadableReason(of: resource) { return "it could not be read: \(reason)" }
    guard let change = pendingChange(of: resource, now) else { return nil }
    let fields = change.fields.map(\.field).joined(separator: ", ")
    return "still so after it was applied: \(change.reason)" + (fields.isEmpty ? "" : " (\(fields))")
  }

  /// Why nothing is known of the resource; nil when something is.
  func unreadableReason(of resource: ResourceID) -> String? {
    if case .unreadable(let reason) = systems[resource.system]?.health() ?? .unreadable("not looked at") {
      return reason
    }
    if case .unreadable(let reason) = readiness(of: resource) { return reason }
    return nil
  }

  private mutating func finish(
    _ resource: ResourceID, _ outcome: Outcome, conflict: Failure? = nil, _ now: Moment
  ) -> ActionStep {
    guard let current = run?.active.removeValue(forKey: resource) else { return .done }
    let change = current.action.change
    let attempts = (memory.troubles[resource]?.attempts ?? 0) + 1
    let duration = current.started.map { now.boot - $0.boot } ?? .zero
    let result = RunResult.ActionResult(outcome: outcome, duration: duration, attempts: attempts)
    memory.inFlight[resource] = nil
    // Another writer was quicker, or only seems so for ever: the same change waits longer each time.
    if let conflict { trouble(change, conflict.description, attempts, now) }
    note(outcome, of: change, attempts: attempts, now)
    run?.ended[resource] = result
    tell(.actionEnded(change, result), run: run?.request.id)
    if run?.active.isEmpty ?? false { waveEnded(now) }
    return .done
  }

  private mutating func note(_ outcome: Outcome, of change: Change, attempts: Int, _ now: Moment) {
    let resource = change.resource
    let route = route(of: resource)
    let endpoint = route.endpoint
    switch outcome {
    case .verified, .unchanged:
      memory.troubles[resource] = nil
      if outcome == .verified, change.kind == .delete { memory.identities[resource] = nil }
      if change.kind == .create { recordIdentity(of: resource) }
      if circuits[endpoint]?.succeed() ?? false {
        tell(.circuitClosed(endpoint: endpoint), run: run?.request.id)
      }
    case .failed(let failure):
      let recheck = failure.persistence == .permanent ? failure.recheck : nil
      trouble(change, failure.description, recheck: recheck, attempts, now)
      if failure.persistence == .transient, let failed = failure.endpoint, route.isConcerned(by: failed) {
        countFailure(of: endpoint, now)
      }
    case .notConverged(let reason):
      trouble(change, reason, attempts, now)
    case .stale:
      triggers.put(.followUp(resource.system), at: now.boot + .seconds(2))
    case .blocked, .held, .cancelled: break
    }
  }

  /// What was made anew by an operator's word has a new identity.
  private mutating func recordIdentity(of resource: ResourceID) {
    if let identity = systems[resource.system]?.identities()[resource] {
      memory.identities[resource] = identity
    }
  }

  private mutating func trouble(
    _ change: Change, _ reason: String, recheck: Duration? = nil, _ attempts: Int, _ now: Moment
  ) {
    let jitter = StableHash.fraction(of: change.resource.description)
    memory.troubles[change.resource] = KernelMemory.Trouble(
      reason: reason, isPermanent: recheck != nil, attempts: attempts, since: now.wall,
      delay: recheck ?? Backoff().delay(attempt: attempts, jitter: jitter),
      changeDigest: PlanDigest.of(change))
  }

  private mutating func countFailure(of endpoint: String, _ now: Moment) {
    let jitter = StableHash.fraction(of: endpoint)
    if circuits[endpoint, default: Circuit()].fail(at: now.boot, jitter: jitter) {
      tell(.circuitOpened(endpoint: endpoint), run: run?.request.id)
    }
  }
}

extension Change {
  /// Whether it ends an exposure as an approved change was to, though not the same way: whoever keeps writing the
  /// same list must not keep it open.
  fileprivate func isCut(like approved: Change) -> Bool {
    endsExposure && approved.endsExposure && kind == approved.kind && risk <= approved.risk
  }
}
