/// What must never be open is looked at while actions are under way, too: one of them may take minutes.
extension Kernel {
  /// When a system is looked at besides, unless its files say otherwise.
  private static let watchInterval = Duration.seconds(30)

  /// Asks for the looks that are due.
  mutating func watch(_ now: Moment) {
    for name in watchable where watchMoment(of: name).map({ $0 <= now.boot }) ?? false {
      guard let id = run?.request.id else { return }
      run?.watching.insert(name)
      run?.watched[name] = now.boot
      run?.isNudged.remove(name)
      effects.append(.observe(id, name))
    }
  }

  /// When the next one is due; nil when none is.
  var nextWatch: BootTime? { watchable.compactMap { watchMoment(of: $0) }.min() }

  /// Takes such a look in. Nothing else is decided by it: the actions under way look for themselves, and at their own
  /// moment.
  mutating func watched(_ observation: Observation, _ now: Moment) {
    guard let current = run, !current.isCancelled, let before = systems[observation.system] else { return }
    var seen = before
    seen.accept(observation)
    let exposed = seen.changes(facts: facts(), now: now.wall).filter(\.endsExposure).map(\.resource)
    guard !exposed.isEmpty else { return }
    // What was set right in this run and is open again is cut again: the interval bounds how often.
    for resource in exposed where current.ended[resource]?.outcome.isSuccess ?? false {
      run?.ended[resource] = nil
    }
    systems[observation.system] = seen
    let (plan, input) = plan(now)
    // Of a system that was silent there is nothing newer, and a cut does not look at what is silent.
    if case .unreadable = before.health() {} else { systems[observation.system] = before }
    begin(cutting: plan, input, in: [observation.system])
    for resource in exposed where run?.active[resource] == nil {
      run?.ended[resource] = current.ended[resource]
    }
  }

  /// An operator's own run without the daemon does what he asked for, and no more.
  private var watchable: [SystemName] {
    guard let current = run, current.approvedPlan != nil, !current.active.isEmpty, !current.isCancelled,
      !configuration.onlyOnRequest
    else { return [] }
    let asked = current.watching.union(current.awaited)
    return systems.values.filter { $0.watchesExposures && !asked.contains($0.name) }.map(\.name).sorted()
  }

  private func watchMoment(of name: SystemName) -> BootTime? {
    guard let current = run else { return nil }
    if current.isNudged.contains(name) { return current.looked }
    let last = max(current.watched[name] ?? current.looked, current.looked)
    return last + (configuration.intervals[name] ?? Self.watchInterval)
  }
}
