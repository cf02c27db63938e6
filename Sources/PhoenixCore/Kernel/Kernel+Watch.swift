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
    guard seen.changes(facts: facts(), now: now.wall).contains(where: \.endsExposure) else { return }
    systems[observation.system] = seen
    let (plan, input) = plan(now)
    systems[observation.system] = before
    begin(cutting: plan, input, in: [observation.system])
  }

  /// An operator's own run without the daemon does what he asked for, and no more.
  private var watchable: [SystemName] {
    guard let current = run, current.approvedPlan != nil, !current.active.isEmpty, !current.isCancelled,
      !configuration.onlyOnRequest
    else { return [] }
    return systems.values.filter { $0.watchesExposures && !current.watching.contains($0.name) }.map(\.name)
      .sorted()
  }

  private func watchMoment(of name: SystemName) -> BootTime? {
    guard let current = run else { return nil }
    if current.isNudged.contains(name) { return current.looked }
    let last = max(current.watched[name] ?? current.looked, current.looked)
    return last + (configuration.intervals[name] ?? Self.watchInterval)
  }
}
