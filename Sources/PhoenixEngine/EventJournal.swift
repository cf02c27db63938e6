public import PhoenixCore
public import PhoenixHost

/// Tells the journal what the kernel tells.
public enum EventJournal {
  /// The line for an event; nil for one that is no news.
  public static func line(for event: KernelEvent) -> JournalEvent? {
    var fields: [JournalField: String] = [:]
    if let run = event.run { fields[.runID] = run.description }
    switch event.kind {
    case .runStarted: return nil
    case .planned(let wave, let plan): return planned(wave, plan, fields)
    case .planRefused(let problems):
      fields[.reason] = problems.joined(separator: "; ")
      return JournalEvent(
        .critical, "The plan was refused, and nothing is done: \(problems.joined(separator: "; "))",
        id: .guardRefused, fields: fields)
    case .driftFound(let change):
      add(change, &fields)
      return JournalEvent(
        .notice, "\(change.resource) differs: \(change.reason)\(fieldText(change))", id: .driftFound,
        fields: fields)
    case .held(let held): return self.held(held, fields)
    case .actionStarted(let change):
      add(change, &fields)
      return JournalEvent(
        .info, "\(change.resource): \(change.kind.rawValue) begins: \(change.reason)", id: .actionStarted,
        fields: fields)
    case .actionEnded(let change, let result): return ended(change, result, fields)
    case .runEnded(let result, let isSteady, let duration):
      return runEnded(result, isSteady, duration, fields)
    case .healthChanged(let system, let health): return self.health(system, health, fields)
    case .circuitOpened(let endpoint):
      fields[.endpoint] = endpoint
      return JournalEvent(
        .warning, "\(endpoint) keeps failing and is left alone for a while", id: .circuitOpened,
        fields: fields)
    case .circuitClosed(let endpoint):
      fields[.endpoint] = endpoint
      return JournalEvent(.notice, "\(endpoint) answers again", id: .circuitClosed, fields: fields)
    case .interrupted(let resource):
      fields[.resource] = resource.description
      return JournalEvent(
        .notice, "\(resource) was being changed when Phoenix was stopped; it is looked at anew",
        id: .taskRecovered,
        fields: fields)
    case .suspended(let resource, let until):
      fields[.resource] = resource.description
      let end = until.map { "until \($0.utcText)" } ?? "until it is resumed"
      return JournalEvent(.notice, "\(resource) is left alone \(end)", id: .resourceSuspended, fields: fields)
    case .resumed(let resource):
      fields[.resource] = resource.description
      return JournalEvent(.notice, "\(resource) is kept again", id: .resourceResumed, fields: fields)
    case .paused(let paused):
      return paused
        ? JournalEvent(
          .notice, "Everything is paused: Phoenix looks, and changes nothing", id: .paused, fields: fields)
        : JournalEvent(.notice, "Phoenix keeps everything again", id: .resumed, fields: fields)
    case .configured(let digest):
      fields[.digest] = digest
      return JournalEvent(
        .notice, "A desired state is in force (\(digest))", id: .configurationLoaded, fields: fields)
    case .stateWritable(let writable, let reason):
      return writable
        ? JournalEvent(
          .notice, "The state directory can be written again", id: .stateRecovered, fields: fields)
        : JournalEvent(
          .error,
          "The state directory cannot be written: no change is begun until it can"
            + (reason.map { " (\($0))" } ?? ""),
          id: .stateNotWritable,
          fields: fields)
    }
  }

  private static func add(_ change: Change, _ fields: inout [JournalField: String]) {
    fields[.resource] = change.resource.description
    fields[.system] = change.resource.system.rawValue
    fields[.action] = change.kind.rawValue
    fields[.risk] = change.risk.rawValue
    if Int(change.resource.name) != nil { fields[.vmid] = change.resource.name }
  }

  /// The fields in a line, as the plan shows them.
  private static func fieldText(_ change: Change) -> String {
    guard !change.fields.isEmpty else { return "" }
    let shown = change.fields.prefix(6).map {
      "\($0.field): \(FieldText.of($0.from)) -> \(FieldText.of($0.to))"
    }
    let more = change.fields.count > shown.count ? ", and \(change.fields.count - shown.count) more" : ""
    return " (\(shown.joined(separator: ", "))\(more))"
  }

  private static func planned(_ wave: Int, _ plan: Plan, _ fields: [JournalField: String]) -> JournalEvent {
    var fields = fields
    fields[.digest] = plan.digest
    fields[.changes] = String(plan.actions.count)
    let priority: JournalPriority = plan.actions.isEmpty ? .info : .notice
    return JournalEvent(
      priority,
      "Planned\(wave > 0 ? " again, after wave \(wave)" : ""): \(plan.actions.count) to do, \(plan.held.count) held",
      id: .passChanged, fields: fields)
  }

  private static func held(_ held: HeldChange, _ fields: [JournalField: String]) -> JournalEvent {
    var fields = fields
    add(held.change, &fields)
    fields[.reason] = held.reason
    let id: MessageID =
      switch held.cause {
      case .guard: .guardRefused
      case .vanished: .resourceVanished
      case .blocked: .actionBlocked
      default: .actionHeld
      }
    return JournalEvent(.warning, "\(held.change.resource) is held: \(held.reason)", id: id, fields: fields)
  }

  private static func ended(
    _ change: Change, _ result: RunResult.ActionResult, _ fields: [JournalField: String]
  ) -> JournalEvent {
    var fields = fields
    add(change, &fields)
    fields[.outcome] = result.outcome.word
    fields[.durationMicroseconds] = String(result.duration.wholeMilliseconds * 1000)
    fields[.attempt] = String(result.attempts)
    fields[.reason] = result.outcome.reason
    let what = "\(change.resource): \(change.kind.rawValue)"
    switch result.outcome {
    case .verified:
      return JournalEvent(
        .notice, "\(what) done and proved by reading again; before: \(change.reason)", id: .actionVerified,
        fields: fields)
    case .unchanged:
      return JournalEvent(.info, "\(what) was no longer needed", id: .actionVerified, fields: fields)
    case .stale:
      return JournalEvent(.info, "\(what): \(result.outcome.reason ?? "")", id: .actionStale, fields: fields)
    case .notConverged(let reason):
      return JournalEvent(
        .error, "\(what) had no effect in time: \(reason)", id: .actionNotConverged, fields: fields)
    case .failed(let failure):
      return JournalEvent(.error, "\(what) failed: \(failure)", id: .actionFailed, fields: fields)
    case .blocked:
      return JournalEvent(.info, "\(what) \(result.outcome.reason ?? "")", id: .actionBlocked, fields: fields)
    case .held(let reason):
      return JournalEvent(.warning, "\(what) is held: \(reason)", id: .actionHeld, fields: fields)
    case .cancelled: return JournalEvent(.notice, "\(what) was cancelled", id: .actionHeld, fields: fields)
    }
  }

  private static func runEnded(
    _ result: RunResult, _ isSteady: Bool, _ duration: Duration, _ fields: [JournalField: String]
  ) -> JournalEvent {
    var fields = fields
    fields[.durationMicroseconds] = String(duration.wholeMilliseconds * 1000)
    if let refusal = result.refusal {
      fields[.reason] = refusal
      return JournalEvent(
        .error, "The run ended without doing anything: \(refusal)", id: .passFailed, fields: fields)
    }
    if isSteady {
      return JournalEvent(
        .debug, "A pass changed nothing (\(duration.wholeMilliseconds) ms)", id: .passSteady,
        fields: fields)
    }
    let done = result.actions.filter { $0.value.outcome.isSuccess }.map(\.key)
    // What was cut before there was a plan is none of its actions.
    let all = Set(result.plan.actions.map(\.resource)).union(done)
    fields[.changes] = String(done.count)
    return JournalEvent(
      .notice,
      "A pass ended: \(done.count) of \(all.count) done (\(duration.wholeMilliseconds) ms)",
      id: .passChanged, fields: fields)
  }

  private static func health(
    _ system: SystemName, _ health: SystemHealth, _ fields: [JournalField: String]
  ) -> JournalEvent {
    var fields = fields
    fields[.system] = system.rawValue
    switch health {
    case .readable:
      return JournalEvent(.info, "\(system.rawValue) can be read", id: .systemReadable, fields: fields)
    case .partly(let reason):
      fields[.reason] = reason
      return JournalEvent(
        .warning, "\(system.rawValue) can be read in part: \(reason)", id: .systemUnreadable, fields: fields)
    case .unreadable(let reason):
      fields[.reason] = reason
      return JournalEvent(
        .warning, "\(system.rawValue) cannot be read, and nothing of it is changed: \(reason)",
        id: .systemUnreadable,
        fields: fields)
    }
  }
}
