/// When to look by itself.
extension Kernel {
  struct Entry {
    /// What to put into the box; nil when it is there already.
    let trigger: Trigger?
    /// When it is due; nil when never.
    let moment: BootTime?
  }

  /// Everything that will trigger a pass, with its moment.
  func schedule(_ now: Moment) -> [Entry] {
    var entries: [Entry] = []
    if !triggers.pending.isEmpty || !waiting.isEmpty || pendingConfiguration != nil {
      entries.append(Entry(trigger: nil, moment: now.boot))
    }
    if let moment = triggers.nextDelayed { entries.append(Entry(trigger: nil, moment: moment)) }
    if let last = lastFullPass {
      entries.append(Entry(trigger: .full, moment: last.boot + configuration.fullInterval))
    }
    for (name, state) in systems {
      guard let last = lastPass[name] else { continue }
      if let interval = configuration.intervals[name] {
        entries.append(
          Entry(trigger: .interval(name), moment: last.boot + timeToNextPass(at: name, interval)))
      }
      if let deadline = state.nextDeadline(now: now.wall), last.wall < deadline {
        entries.append(Entry(trigger: .deadline(name), moment: now.boot(of: deadline)))
      }
    }
    for (resource, trouble) in memory.troubles {
      guard let last = lastPass[resource.system] else { continue }
      let again = trouble.since + trouble.delay
      if last.wall < again {
        entries.append(Entry(trigger: .deadline(resource.system), moment: now.boot(of: again)))
      }
    }
    let oldestPass = lastPass.values.map(\.boot).min()
    for moment in circuits.values.compactMap(\.openUntil) {
      if let oldestPass, oldestPass < moment { entries.append(Entry(trigger: .nudge, moment: moment)) }
    }
    return entries
  }

  /// The interval; less while a system cannot be read whole, or something is on its way in it: most outages are short,
  /// and others wait for it.
  private func timeToNextPass(at name: SystemName, _ interval: Duration) -> Duration {
    guard let passes = unsettledPasses[name] else { return interval }
    return min(interval, Backoff(first: .seconds(5), limit: .seconds(10)).delay(attempt: passes, jitter: 0))
  }
}

extension Moment {
  /// When the clock that never jumps will show what the wall clock shows then, if that does not jump.
  func boot(of deadline: WallTime) -> BootTime { boot + max(deadline - wall, .zero) }
}
