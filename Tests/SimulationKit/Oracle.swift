import PhoenixCore

/// Judges a history from outside: it knows the world and what was shown to the kernel, and shares no
/// decision with it.
struct Oracle {
  private(set) var violations: [String] = []
  private(set) var writes = 0

  /// What the kernel of this start was last shown of each resource.
  private var shown: [ResourceID: Reading<Int>] = [:]
  /// Resources that were shown as they should be, and identities that were shown, as far as the disk knows.
  private var identities: Set<ResourceID> = []
  private var allowed: [(risks: Set<Risk>, given: WallTime)] = []
  private var changedInRun: [ResourceID: Change] = [:]
  var suspended: [ResourceID: WallTime] = [:]
  var isPaused = false
  private var currentOperator: Set<Risk>?

  mutating func fail(_ text: String) { violations.append(text) }

  // MARK: - What the kernel was shown

  mutating func saw(_ system: SystemName, _ world: SimulatedWorld, only: ResourceID?) {
    let seen = world.look(system, only: only.map { [$0] })
    guard seen.down == nil else { return sawNothing(of: system) }
    for (name, reading) in seen.items {
      let id = ResourceID(system, "thing", name)
      shown[id] = reading
    }
  }

  mutating func sawNothing(of system: SystemName) {
    for id in shown.keys where id.system == system { shown[id] = .unreadable("silence") }
  }

  /// A suspension that was over is not in force again when the clock is set back.
  mutating func clockMoves(from wall: WallTime) {
    suspended = suspended.filter { wall < $0.value }
  }

  mutating func killed(disk: KernelMemory?) {
    shown = [:]
    changedInRun = [:]
    // A suspension or a pause that never reached the disk was never promised.
    suspended = suspended.filter { disk?.suspensions[$0.key] != nil }
    isPaused = isPaused && (disk?.isPaused ?? false)
  }

  // MARK: - What it did

  mutating func operatorAllows(_ risks: Set<Risk>, run: RunID, at moment: Moment) {
    allowed.append((risks, moment.wall))
  }

  mutating func hears(_ event: KernelEvent, followers: Set<ResourceID>) {
    switch event.kind {
    case .planRefused(let why): fail("PlanCheck refused: \(why)")
    case .actionEnded(let change, let result)
    where result.outcome == .verified && !followers.contains(change.resource):
      judgeProof(of: change)
    default: break
    }
  }

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

  mutating func ended(_ result: RunResult) { changedInRun = [:] }

  mutating func applies(
    _ change: Change, _ world: SimulatedWorld, _ kernel: Kernel, disk: KernelMemory?, at moment: Moment
  ) {
    writes += 1
    let id = change.resource
    judgeReading(change, world)
    if disk?.inFlight[id] == nil { fail("\(id) was begun before it was on disk") }
    if isPaused { fail("\(id) was changed while everything is paused") }
    if let until = suspended[id], moment.wall < until { fail("\(id) was changed while it is suspended") }
    judgeRisk(change, world, disk)
    judgeOrder(change, world)
    judgeGuards(change, world, disk)
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

  private mutating func judgeRisk(_ change: Change, _ world: SimulatedWorld, _ disk: KernelMemory?) {
    let id = change.resource
    let isLost = change.kind == .create && disk?.identities[id] != nil
    let real: Risk =
      isLost
      ? .destructive : change.kind == .delete ? .safe : world.desired[id.system]?[id.name]?.risk ?? .safe
    let risk = change.kind == .create && !isLost && real == .destructive ? .safe : real
    var permitted = world.policy.allow
    permitted.remove(.destructive)
    for word in allowed { permitted.formUnion(word.risks) }
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
    guard allowed.isEmpty, let seen = disk?.seenInSync else { return }
    changedInRun[change.resource] = change
    let counted = changedInRun.values.filter { $0.kind != .create && seen.contains($0.resource) }
    let deletes = counted.filter { $0.kind == .delete }
    if deletes.count > world.policy.maxDeletes {
      fail("\(deletes.count) deletes in one run, \(world.policy.maxDeletes) are allowed")
    }
    if seen.count >= 10, Double(counted.count) > world.policy.maxChangedFraction * Double(seen.count) {
      fail("\(counted.count) of \(seen.count) resources were changed in one run: past the guard")
    }
  }

  // MARK: - How it ended

  /// Everything is as it should be, but for what must be left to the operator, and that is held with a reason.
  mutating func expectConverged(_ world: SimulatedWorld, _ kernel: Kernel, at moment: Moment) {
    var held: [ResourceID: HeldChange.Cause] = [:]
    for change in kernel.heldChanges { held[change.change.resource] = change.cause }
    for (system, items) in world.desired {
      for name in items.keys {
        let id = ResourceID(system, "thing", name)
        if world.wanted(id) == world.actual[id], world.wanted(id) != nil { continue }
        if isExcused(id, held, world) { continue }
        fail(
          "\(id) is \(world.actual[id].map(String.init) ?? "absent") and should be "
            + "\(world.wanted(id).map(String.init) ?? "what it follows"), held: \(held[id].map(\.rawValue) ?? "no")"
        )
      }
    }
  }

  private func isExcused(
    _ id: ResourceID, _ held: [ResourceID: HeldChange.Cause], _ world: SimulatedWorld
  ) -> Bool {
    switch held[id] {
    case .vanished: return world.holdsData(id)
    case .risk:
      let risk = world.desired[id.system]?[id.name]?.risk ?? .safe
      return risk != .safe && !world.policy.allow.contains(risk)
    case .selfHealOff: return !world.policy.heals(id.system)
    case .guard: return true  // Judged by its own law: the operator decides.
    case .blocked:
      return (world.requires[id] ?? []).contains {
        world.actual[$0] == nil || world.wanted($0) != world.actual[$0]
      }
    case .refused, .suspended, .paused, .failed, .backoff, .circuit, .notApproved, .journal: return false
    case nil:
      // Not even differing, in the kernel's eyes: it follows something that is not there.
      return world.wanted(id) == nil
    }
  }
}
