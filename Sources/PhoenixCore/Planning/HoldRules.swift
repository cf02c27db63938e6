/// What can keep a single change from being carried out, strongest reason first. That a run began without it is the
/// weakest: the next pass would take it up, if nothing else were in its way.
enum HoldRules {
  static func firstHold(on change: Change, _ input: PlannerInput) -> Hold? {
    refused(change) ?? unreadable(change, input) ?? leftAlone(change, input) ?? ended(change, input)
      ?? risky(change, input) ?? troubled(change, input) ?? unreachable(change, input)
      ?? unjournaled(change, input) ?? notApproved(change, input)
  }

  /// What has come up since the plan was made: a word or a window that ended, an endpoint that those before it in
  /// the queue found failing. Thirty time limits one after another help nobody.
  static func holdAtItsTurn(on change: Change, _ input: PlannerInput) -> Hold? {
    leftAlone(change.resource, input.memory, input.now) ?? risky(change, input) ?? unreachable(change, input)
  }

  private static func refused(_ change: Change) -> Hold? {
    change.hold.map { Hold(.refused, $0) }
  }

  private static func unreadable(_ change: Change, _ input: PlannerInput) -> Hold? {
    let system = change.resource.system
    switch input.health[system] {
    case .readable, .partly: return nil
    case .unreadable(let reason): return Hold(.blocked, "\(system.rawValue) cannot be read: \(reason)")
    case nil: return Hold(.blocked, "\(system.rawValue) has not been looked at yet")
    }
  }

  private static func leftAlone(_ change: Change, _ input: PlannerInput) -> Hold? {
    if let hold = leftAlone(change.resource, input.memory, input.now) { return hold }
    // An operator's run that a crash interrupted goes on although the daemon would not have begun it.
    if case .daemon = input.origin, !input.policy.heals(change.resource.system),
      !input.memory.isApproved(change, at: input.now.wall)
    {
      return Hold(
        .selfHealOff,
        "self-heal is off for \(change.resource.system.rawValue); `phoenix apply \(change.resource)` does it")
    }
    return nil
  }

  /// Whether an operator wants the resource left alone.
  static func leftAlone(_ resource: ResourceID, _ memory: KernelMemory, _ now: Moment) -> Hold? {
    if let suspension = memory.suspensions[resource] {
      guard let until = suspension.until else {
        return Hold(.suspended, "suspended; `phoenix resume \(resource)` ends that")
      }
      if now.wall < until { return Hold(.suspended, "suspended until \(until.utcText)") }
    }
    guard memory.isPaused else { return nil }
    return Hold(.paused, "everything is paused; `phoenix resume all` ends that")
  }

  private static func ended(_ change: Change, _ input: PlannerInput) -> Hold? {
    guard let outcome = input.ended[change.resource] else { return nil }
    if outcome.isSuccess {
      return Hold(.notApproved, "it changed again during this run; the next pass takes it up")
    }
    return Hold(.failed, outcome.reason ?? outcome.word)
  }

  private static func notApproved(_ change: Change, _ input: PlannerInput) -> Hold? {
    guard let approved = input.approved, !input.cuts(change) else { return nil }
    if let reason = input.guarded[change.resource] { return Hold(.guard, reason) }
    guard let risk = approved[change.resource] else {
      return Hold(.notApproved, "it was not part of the plan of this run; the next pass takes it up")
    }
    guard change.risk <= risk else {
      return Hold(.notApproved, "it became \(change.risk.rawValue), and \(risk.rawValue) was approved")
    }
    return nil
  }

  private static func risky(_ change: Change, _ input: PlannerInput) -> Hold? {
    guard !input.allowedRisks(for: change).contains(change.risk) else { return nil }
    let command = "`phoenix apply \(change.resource) --allow \(change.risk.rawValue)`"
    if change.kind == .create, let identity = input.memory.identities[change.resource] {
      return Hold(
        .vanished,
        "it was there before (\(identity)) and is gone; making it anew loses what it held. "
          + "Bring it back, or let it be made anew with \(command)")
    }
    return Hold(.risk, "\(change.risk.rawValue) changes are not allowed now; \(command) allows it")
  }

  /// What its own failures keep it from.
  static func troubled(_ change: Change, _ input: PlannerInput) -> Hold? {
    guard case .daemon = input.origin, let trouble = input.memory.troubles[change.resource],
      trouble.holds(PlanDigest.of(change), at: input.now.wall)
    else { return nil }
    let again = (trouble.since + trouble.delay).utcText
    if trouble.isPermanent {
      return Hold(
        .failed,
        "\(trouble.reason). Trying the same again is pointless; it is tried when the files or the world change, "
          + "by `phoenix apply \(change.resource)`, or at \(again)")
    }
    return Hold(.backoff, "failed \(trouble.attempts) times, next try at \(again): \(trouble.reason)")
  }

  /// What needs nothing of its endpoint goes on.
  private static func unreachable(_ change: Change, _ input: PlannerInput) -> Hold? {
    let endpoint = input.route(change.resource).endpoint
    guard input.openCircuits.contains(endpoint), !change.isSelfContained else { return nil }
    return Hold(.circuit, "\(endpoint) keeps failing and is left alone for a while")
  }

  private static func unjournaled(_ change: Change, _ input: PlannerInput) -> Hold? {
    guard !input.isJournalWritable, !change.endsExposure else { return nil }
    return Hold(
      .journal, "the state directory cannot be written, so nothing is begun that a crash could lose")
  }
}
