import PhoenixCore

/// Judges a history from outside: it knows the world and what was shown to the kernel, and shares no
/// decision with it.
struct Oracle {
  private(set) var violations: [String] = []
  private(set) var writes = 0

  /// What the kernel of this start was last shown of each resource.
  private var shown: [ResourceID: Reading<Int>] = [:]
  private var words = OperatorWords()
  private var retries: RetryBook
  /// The run under way, with the actions of its first plan.
  private var run: RunID?
  private var planOfRun: Set<ResourceID>?
  /// Those of them that a word from before a kill was for, when the guards looked.
  private var allowedBefore: Set<ResourceID> = []
  private var changedInRun: [ResourceID: Change] = [:]
  /// New files take force when no run is under way, and not before.
  private var files = ""
  var suspended: [ResourceID: WallTime] = [:]
  var isPaused = false

  init(followers: Set<ResourceID>) { retries = RetryBook(followers: followers) }

  mutating func fail(_ text: String) { violations.append(text) }

  // MARK: - What the kernel was shown

  mutating func saw(_ system: SystemName, _ world: SimulatedWorld, only: ResourceID?) {
    let seen = world.look(system, only: only.map { [$0] })
    guard seen.down == nil else { return sawNothing(of: system) }
    var items = seen.items
    if only == nil {
      // What nothing declares is not shown as absent: it is not shown.
      for id in shown.keys where id.system == system && items[id.name] == nil { items[id.name] = .absent }
    }
    for (name, reading) in items {
      let id = ResourceID(system, "thing", name)
      shown[id] = reading
      if isSettled(id, world) { retries.settled(id) }
    }
  }

  mutating func sawNothing(of system: SystemName) {
    for id in shown.keys where id.system == system { shown[id] = .unreadable("silence") }
  }

  /// A suspension that was over is not in force again when the clock is set back.
  mutating func clockMoves(from wall: WallTime, to newer: WallTime) {
    suspended = suspended.filter { wall < $0.value }
    retries.clockMoved(to: newer)
  }

  /// Whether it was last shown as it should be. Of what follows another nobody can tell from here.
  private func isSettled(_ id: ResourceID, _ world: SimulatedWorld) -> Bool {
    guard !world.followers.contains(id) else { return false }
    let wanted = world.desired[id.system]?[id.name]?.value
    switch shown[id] ?? .unreadable("never shown") {
    case .known(let number): return number == wanted
    case .absent: return wanted == nil
    case .unreadable: return false
    }
  }

  mutating func killed(disk: KernelMemory?) {
    shown = [:]
    run = nil
    planOfRun = nil
    changedInRun = [:]
    words.killed(disk: disk)
    retries.killed(disk: disk)
    // A suspension or a pause that never reached the disk was never promised.
    suspended = suspended.filter { disk?.suspensions[$0.key] != nil }
    isPaused = isPaused && (disk?.isPaused ?? false)
  }

  // MARK: - What it did

  mutating func operatorAllows(_ risks: Set<Risk>, run: RunID, at moment: Moment) {
    words.speak(risks, run: run, at: moment)
  }

  mutating func hears(_ event: KernelEvent, _ world: SimulatedWorld, at moment: Moment) {
    switch event.kind {
    case .configured(let digest): files = digest
    case .runStarted(let request):
      run = request.id
      planOfRun = nil
    case .planned(_, let plan) where planOfRun == nil:
      planOfRun = Set(plan.actions.map(\.resource))
      allowedBefore = Set(
        plan.actions.map(\.change).filter { words.outlasts($0, files: files, at: moment) }.map(\.resource))
      if let run { words.planned(plan, run: run, files: files, at: moment) }
    case .planRefused(let why): fail("PlanCheck refused: \(why)")
    case .actionEnded(let change, let result):
      retries.ended(change, result.outcome, at: moment)
      if result.outcome == .verified, !world.followers.contains(change.resource) { judgeProof(of: change) }
    default: break
    }
  }

  mutating func conflicts(over change: Change, at moment: Moment) { retries.conflicted(change, at: moment) }

  /// Only what was seen to be so may be called so.
  private mutating func judgeProof(of change: Change) {
    switch (shown[change.resource] ?? .unreadable("never shown"), change.kind) {
    case (.absent, .delete): break
    case (.known(let number), .create), (.known(let number), .update):
      if change.fields.first?.to != .number(number) {
        fail("\(change.resource) is called verified, and was last seen with \(number)")
      }
    default: fail("\(change.resource) is called verified, and was not seen to be so")
    }
  }

  mutating func ended(_ result: RunResult, isOnDisk: Bool) {
    changedInRun = [:]
    // While the disk is full, it still holds the word, and a kill brings it back.
    guard isOnDisk else { return }
    words.runEnded(result.id)
  }

  mutating func applies(
    _ change: Change, _ world: SimulatedWorld, _ kernel: Kernel, disk: KernelMemory?, at moment: Moment
  ) {
    writes += 1
    let id = change.resource
    // A disk that could not be written does not tell what was seen in sync since, either.
    let isOnDisk = disk?.inFlight[id] != nil
    judgeReading(change, world)
    if !isOnDisk, !change.endsExposure { fail("\(id) was begun before it was on disk") }
    if isPaused { fail("\(id) was changed while everything is paused") }
    if let until = suspended[id], moment.wall < until { fail("\(id) was changed while it is suspended") }
    if !change.endsExposure, !(planOfRun?.contains(id) ?? false) {
      fail("\(id) was changed, and was not in the plan of its run")
    }
    let isOperators = words.allowed(inRun: run) != nil
    if let objection = retries.objection(to: change, isOperators: isOperators, at: moment) { fail(objection) }
    judgeRisk(change, world, disk, at: moment)
    judgeOrder(change, world)
    if !isOperators, isOnDisk { judgeGuards(change, world, disk) }
  }

  private mutating func judgeReading(_ change: Change, _ world: SimulatedWorld) {
    let id = change.resource
    switch (shown[id] ?? .unreadable("never shown"), change.kind) {
    case (.unreadable(let why), _): fail("\(id) was changed although it cannot be read: \(why)")
    case (.absent, .update), (.absent, .delete): fail("\(id) is absent, and was to be \(change.kind)d")
    case (.known, .create): fail("\(id) is there, and was created a second time")
    case (.known(let number), .update):
      if change.fields.first?.to == .number(number) {
        fail("\(id) was written although it is as it should be")
      }
    case (.absent, .create), (.known, .delete): break
    }
    if change.kind == .delete, world.desired[id.system]?[id.name] != nil {
      fail("\(id) is declared, and was deleted")
    }
  }

  private mutating func judgeRisk(
    _ change: Change, _ world: SimulatedWorld, _ disk: KernelMemory?, at moment: Moment
  ) {
    let id = change.resource
    let isLost = change.kind == .create && disk?.identities[id] != nil
    let real: Risk =
      isLost
      ? .destructive : change.kind == .delete ? .safe : world.desired[id.system]?[id.name]?.risk ?? .safe
    let risk = change.kind == .create && !isLost && real == .destructive ? .safe : real
    var permitted = world.policy.allow
    permitted.remove(.destructive)
    permitted.formUnion(words.allowed(inRun: run) ?? [])
    if words.outlasts(change, files: files, at: moment) { permitted.insert(change.risk) }
    if !permitted.contains(risk) { fail("\(id) is \(risk.rawValue), which nobody allowed") }
  }

  private mutating func judgeOrder(_ change: Change, _ world: SimulatedWorld) {
    guard change.kind != .delete else { return }
    for required in world.requires[change.resource] ?? [] {
      switch shown[required] ?? .unreadable("never shown") {
      case .known: continue
      case .absent: fail("\(change.resource) was changed before \(required), which it requires and is absent")
      case .unreadable:
        fail("\(change.resource) was changed although \(required), which it requires, cannot be read")
      }
    }
  }

  private mutating func judgeGuards(_ change: Change, _ world: SimulatedWorld, _ disk: KernelMemory?) {
    guard let seen = disk?.seenInSync, !allowedBefore.contains(change.resource) else {
      return
    }
    changedInRun[change.resource] = change
    let counted = changedInRun.values.filter {
      $0.kind != .create && !$0.endsExposure && seen.contains($0.resource)
    }
    let deletes = counted.filter { $0.kind == .delete }
    if deletes.count > world.policy.maxDeletes {
      fail("\(deletes.count) deletes in one run, \(world.policy.maxDeletes) are allowed")
    }
    if seen.count >= 10, Double(counted.count) > world.policy.maxChangedFraction * Double(seen.count) {
      fail("\(counted.count) of \(seen.count) resources were changed in one run: past the guard")
    }
  }
}
