import PhoenixCore
import PhoenixHost
import Testing

@Suite struct WorkQueueStateTests {
  private let now = BootTime(milliseconds: 0)

  private func item(_ key: String, lane: String? = nil, priority: Int = 0, limit: Duration? = nil) -> WorkItem
  {
    WorkItem(key: key, lane: lane ?? key, priority: priority, limit: limit)
  }

  @Test func nothingBeyondTheWidthRuns() {
    var queue = WorkQueueState(width: 2)
    for key in ["a", "b", "c"] { #expect(queue.submit(item(key)) == .queued) }
    #expect(queue.start(now: now).map(\.key) == ["a", "b"])
    #expect(queue.start(now: now) == [])
    queue.finish("a")
    #expect(queue.start(now: now).map(\.key) == ["c"])
  }

  @Test func itIsStuckWhenWorkWaitsForNothing() {
    var queue = WorkQueueState(width: 1)
    #expect(!queue.isStuck)
    _ = queue.submit(item("a"))
    #expect(queue.isStuck)
    _ = queue.start(now: now)
    _ = queue.submit(item("b"))
    #expect(!queue.isStuck)
    queue.finish("a")
    queue.pause()
    #expect(!queue.isStuck)
  }

  @Test func aLaneIsSerialAndLetsOthersPass() {
    var queue = WorkQueueState(width: 4)
    _ = queue.submit(item("a1", lane: "a"))
    _ = queue.submit(item("a2", lane: "a"))
    _ = queue.submit(item("b1", lane: "b"))
    #expect(queue.start(now: now).map(\.key) == ["a1", "b1"])
    queue.finish("b1")
    #expect(queue.start(now: now) == [])
    queue.finish("a1")
    #expect(queue.start(now: now).map(\.key) == ["a2"])
  }

  @Test func priorityGoesFirstThenTheOrderOfArrival() {
    var queue = WorkQueueState(width: 1)
    for (key, priority) in [("a", 0), ("b", 5), ("c", 5), ("d", -1)] {
      _ = queue.submit(item(key, lane: "x", priority: priority))
    }
    #expect(queue.waitingKeys == ["b", "c", "a", "d"])
  }

  @Test func aWaitingDuplicateCoalescesAndMayRise() {
    var queue = WorkQueueState(width: 1)
    _ = queue.submit(item("a"))
    _ = queue.submit(item("b"))
    #expect(queue.submit(item("b", priority: 3)) == .coalesced)
    #expect(queue.submit(item("b", priority: 1)) == .coalesced)
    #expect(queue.waitingKeys == ["b", "a"])
    #expect(queue.start(now: now).map(\.priority) == [3])
  }

  @Test func aDuplicateOfWhatRunsRunsOnceMore() {
    var queue = WorkQueueState(width: 2)
    _ = queue.submit(item("a"))
    _ = queue.start(now: now)
    #expect(queue.submit(item("a")) == .again)
    #expect(queue.submit(item("a")) == .again)
    #expect(queue.start(now: now) == [])
    queue.finish("a")
    #expect(queue.start(now: now).map(\.key) == ["a"])
    queue.finish("a")
    #expect(queue.isIdle)
  }

  @Test func cancelForgetsWhatWaitsAndNamesWhatRuns() {
    var queue = WorkQueueState(width: 1)
    _ = queue.submit(item("a"))
    _ = queue.start(now: now)
    _ = queue.submit(item("a"))
    _ = queue.submit(item("b"))
    #expect(queue.cancel("b") == .removed)
    #expect(queue.cancel("a") == .running)
    #expect(queue.cancel("c") == .unknown)
    queue.finish("a")
    #expect(queue.isIdle)
  }

  @Test func pauseStartsNothingAndTakesEverything() {
    var queue = WorkQueueState(width: 1)
    queue.pause()
    #expect(queue.submit(item("a")) == .queued)
    #expect(queue.start(now: now) == [])
    queue.resume()
    #expect(queue.start(now: now).map(\.key) == ["a"])
  }

  @Test func drainTakesNothingAndEndsWithWhatRuns() {
    var queue = WorkQueueState(width: 1)
    _ = queue.submit(item("a"))
    _ = queue.start(now: now)
    _ = queue.submit(item("a"))
    _ = queue.submit(item("b"))
    #expect(queue.drain() == ["b"])
    #expect(queue.submit(item("c")) == .refused)
    queue.finish("a")
    #expect(queue.isIdle)
  }

  @Test func aLimitIsToldOnce() {
    var queue = WorkQueueState(width: 2)
    _ = queue.submit(item("a", limit: .seconds(10)))
    _ = queue.submit(item("b"))
    _ = queue.start(now: now)
    #expect(queue.nextDeadline == now + .seconds(10))
    #expect(queue.expire(now: now + .seconds(9)) == [])
    #expect(queue.expire(now: now + .seconds(10)) == ["a"])
    #expect(queue.expire(now: now + .seconds(11)) == [])
    #expect(queue.nextDeadline == nil)
    #expect(queue.runningKeys == ["a", "b"])
  }

  /// Random operations against what must always hold. PHOENIX_FUZZ_SEED replays.
  @Test(arguments: 0..<20) func lawsHoldUnderRandomUse(round: UInt64) {
    let seed = Fuzzing.seed &+ round
    var random = SeededRandom(seed: seed)
    var queue = WorkQueueState(width: Int.random(in: 1...4, using: &random))
    var model = Model()
    for _ in 0..<2000 {
      let key = "k\(Int.random(in: 0..<12, using: &random))"
      switch Int.random(in: 0..<20, using: &random) {
      case 0..<9:
        // A key's lane and priority never change here, so that the order within a lane is plain.
        let number = Int(key.dropFirst()) ?? 0
        let new = item(key, lane: "l\(number % 4)", priority: number % 3)
        model.submitted(new, queue.submit(new), seed)
      case 9..<17:
        if let key = queue.runningKeys.randomElement(using: &random) {
          queue.finish(key)
          model.finished(key)
        }
      case 17: model.cancelled(key, queue.cancel(key), seed)
      case 18: queue.pause()
      default: queue.resume()
      }
      model.started(queue.start(now: now), queue, seed)
      #expect(queue.runningKeys.count <= queue.width, "seed \(seed)")
    }
    queue.resume()
    for _ in 0..<100 {
      model.started(queue.start(now: now), queue, seed)
      for key in queue.runningKeys {
        queue.finish(key)
        model.finished(key)
      }
    }
    #expect(queue.isIdle, "seed \(seed)")
    #expect(model.owed.isEmpty, "seed \(seed): lost \(model.owed)")
  }

  /// What a queue owes: runs of keys, oldest first.
  private struct Model {
    /// Waiting items in the order of their coming, and the ones to run again.
    var owed: [WorkItem] = []
    var again: [String: WorkItem] = [:]
    var lanes: [String: String] = [:]

    mutating func submitted(_ item: WorkItem, _ submission: WorkQueueState.Submission, _ seed: UInt64) {
      switch submission {
      case .queued: owed.append(item)
      case .coalesced: #expect(owed.contains { $0.key == item.key }, "seed \(seed)")
      case .again:
        #expect(lanes[item.key] != nil, "seed \(seed)")
        again[item.key] = item
      case .refused: #expect(Bool(false), "seed \(seed): refused without a drain")
      }
    }

    mutating func started(_ items: [WorkItem], _ queue: WorkQueueState, _ seed: UInt64) {
      if queue.isPaused { #expect(items == [], "seed \(seed)") }
      for item in items {
        #expect(!lanes.values.contains(item.lane), "seed \(seed): two of a lane")
        let ahead = owed.first { $0.lane == item.lane && $0.priority == item.priority }
        #expect(ahead?.key == item.key, "seed \(seed): out of turn in its lane")
        #expect(
          !owed.contains { $0.lane == item.lane && $0.priority > item.priority },
          "seed \(seed): a greater priority waits in the lane")
        owed.removeAll { $0.key == item.key }
        lanes[item.key] = item.lane
      }
    }

    mutating func finished(_ key: String) {
      lanes[key] = nil
      if let next = again.removeValue(forKey: key) { owed.append(next) }
    }

    mutating func cancelled(_ key: String, _ cancellation: WorkQueueState.Cancellation, _ seed: UInt64) {
      switch cancellation {
      case .removed: owed.removeAll { $0.key == key }
      case .running: again[key] = nil
      case .unknown: #expect(lanes[key] == nil && !owed.contains { $0.key == key }, "seed \(seed)")
      }
    }
  }
}
