import PhoenixCore

/// What has failed, as the oracle remembers it, and how long it must be left alone at the least.
struct RetryBook {
  private struct Failed {
    let change: Change
    let attempts: Int
    let isPermanent: Bool
    let since: WallTime

    var atLeast: Duration {
      isPermanent ? .seconds(3600) : RetryBook.doubled(2, after: attempts, limit: 300)
    }
    func holds(at now: WallTime) -> Bool { since <= now && now < since + atLeast }
  }

  /// Of these nobody can tell from here when they were as they should be, and so when a failure is over.
  let followers: Set<ResourceID>
  private var failed: [ResourceID: Failed] = [:]
  private var failuresInARow: [SystemName: Int] = [:]
  private var lastFailure: [SystemName: BootTime] = [:]

  init(followers: Set<ResourceID>) { self.followers = followers }

  /// The documented delay less the largest jitter.
  private static func doubled(_ first: Int, after attempts: Int, limit: Int) -> Duration {
    .milliseconds(min(first << min(max(attempts, 1) - 1, 20), limit) * 800)
  }

  mutating func ended(_ change: Change, _ outcome: Outcome, at moment: Moment) {
    let system = change.resource.system
    switch outcome {
    case .verified, .unchanged:
      failed[change.resource] = nil
      failuresInARow[system] = 0
    case .failed(let failure):
      fail(change, isPermanent: failure.persistence == .permanent, moment)
      if failure.persistence == .transient, failure.endpoint != nil {
        failuresInARow[system, default: 0] += 1
        lastFailure[system] = moment.boot
      }
    case .notConverged: fail(change, isPermanent: false, moment)
    case .stale, .blocked, .held, .cancelled: break
    }
  }

  /// Somebody else was quicker: the same again waits too.
  mutating func conflicted(_ change: Change, at moment: Moment) { fail(change, isPermanent: false, moment) }

  private mutating func fail(_ change: Change, isPermanent: Bool, _ moment: Moment) {
    // What came between two different changes, such as a success, is not always seen from here.
    let before = failed[change.resource].flatMap { Self.isSame($0.change, change) ? $0.attempts : nil } ?? 0
    failed[change.resource] = Failed(
      change: change, attempts: before + 1, isPermanent: isPermanent, since: moment.wall)
  }

  private static func isSame(_ one: Change, _ other: Change) -> Bool {
    one.kind == other.kind && one.fields == other.fields && one.requires == other.requires
  }

  mutating func settled(_ id: ResourceID) { failed[id] = nil }

  /// A clock that was moved releases what it was moved out of, and does not hold it again when it comes back.
  mutating func clockMoved(to wall: WallTime) { failed = failed.filter { $0.value.holds(at: wall) } }

  /// Circuits are not kept on disk; failures are, where it could be written.
  mutating func killed(disk: KernelMemory?) {
    failed = failed.filter { disk?.troubles[$0.key]?.since == $0.value.since }
    failuresInARow = [:]
  }

  /// Why a change should not have been tried now; nil when it may be.
  func objection(to change: Change, isOperators: Bool, at moment: Moment) -> String? {
    let system = change.resource.system
    let failures = failuresInARow[system, default: 0]
    if failures >= 3, let last = lastFailure[system],
      moment.boot < last + Self.doubled(15, after: failures - 2, limit: 300)
    {
      return "\(change.resource) was tried although \(system.rawValue) failed \(failures) times just now"
    }
    guard !isOperators, !followers.contains(change.resource), let failed = failed[change.resource],
      failed.holds(at: moment.wall),
      Self.isSame(failed.change, change)
    else { return nil }
    return "\(change.resource) was tried again too soon after \(failed.attempts) failures"
      + (failed.isPermanent ? ", the last one permanent" : "")
  }
}
