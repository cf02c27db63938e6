import PhoenixCore
import PhoenixHost
import Testing

@Suite struct WorkQueueTests {
  private func item(_ key: String, lane: String? = nil, limit: Duration? = nil) -> WorkItem {
    WorkItem(key: key, lane: lane ?? key, limit: limit)
  }

  @Test func everythingRunsAndLanesNeverOverlap() async {
    let queue = WorkQueue(width: 8)
    let busy = Lock<[Int: Int]>([:])
    let overlaps = Lock(0)
    let done = Lock(0)
    for number in 0..<200 {
      await queue.submit(item("\(number)", lane: "\(number % 5)")) {
        busy.withLock { $0[number % 5, default: 0] += 1 }
        await Task.yield()
        if busy.withLock({ $0[number % 5] }) != 1 { overlaps.withLock { $0 += 1 } }
        busy.withLock { $0[number % 5, default: 0] -= 1 }
        done.withLock { $0 += 1 }
      }
    }
    await queue.idle()
    #expect(done.withLock { $0 } == 200)
    #expect(overlaps.withLock { $0 } == 0)
  }

  @Test func aDuplicateOfWhatRunsRunsTheNewestBodyOnce() async {
    let queue = WorkQueue(width: 2)
    let trace = Trace()
    let gate = Gate()
    await queue.submit(item("a")) {
      trace.add("first")
      await gate.wait()
    }
    #expect(await eventually { trace.all == ["first"] })
    #expect(await queue.submit(item("a")) { trace.add("second") } == .again)
    #expect(await queue.submit(item("a")) { trace.add("third") } == .again)
    gate.open()
    await queue.idle()
    #expect(trace.all == ["first", "third"])
  }

  @Test func aLimitCancelsTheTask() async {
    let manual = ManualClock()
    let queue = WorkQueue(width: 2, clock: manual.clock)
    let trace = Trace()
    await queue.submit(item("a", limit: .seconds(10))) {
      try? await Task.sleep(for: .seconds(3600))
      trace.add(Task.isCancelled ? "cancelled" : "slept")
    }
    #expect(await eventually { manual.sleeping == 1 })
    manual.advance(by: .seconds(9))
    #expect(trace.all == [])
    manual.advance(by: .seconds(1))
    await queue.idle()
    #expect(trace.all == ["cancelled"])
  }

  @Test func cancelReachesWhatRunsAndForgetsWhatWaits() async {
    let queue = WorkQueue(width: 1)
    let trace = Trace()
    await queue.submit(item("a")) {
      try? await Task.sleep(for: .seconds(3600))
      trace.add("a ended")
    }
    await queue.submit(item("b")) { trace.add("b ran") }
    #expect(await queue.cancel("b") == .removed)
    #expect(await queue.cancel("a") == .running)
    await queue.idle()
    #expect(trace.all == ["a ended"])
  }

  @Test func drainWaitsForWhatRuns() async {
    let queue = WorkQueue(width: 1)
    let trace = Trace()
    await queue.submit(item("a")) {
      try? await Task.sleep(for: .seconds(3600))
      trace.add("a ended")
    }
    await queue.submit(item("b")) { trace.add("b ran") }
    #expect(await queue.drain(cancelling: true) == ["b"])
    #expect(trace.all == ["a ended"])
    #expect(await queue.submit(item("c")) {} == .refused)
  }

  @Test func pauseHoldsBack() async {
    let queue = WorkQueue(width: 1)
    let trace = Trace()
    await queue.pause()
    await queue.submit(item("a")) { trace.add("a") }
    #expect(await queue.waiting == ["a"])
    #expect(trace.all == [])
    await queue.resume()
    await queue.idle()
    #expect(trace.all == ["a"])
  }

  @Test func bodiesRunOffTheQueuesOwnThread() async {
    let executor = QueueExecutor(label: "test")
    let queue = WorkQueue(width: 2, executor: executor)
    let answered = Trace()
    await queue.submit(item("a")) {
      // A body that hogs its thread must not keep the queue from answering.
      let end = ContinuousClock.now + .milliseconds(500)
      while ContinuousClock.now < end {}
      answered.add("a")
    }
    #expect(await queue.running == ["a"])
    #expect(answered.all == [])
    await queue.idle()
  }

  /// Something to wait for.
  private final class Gate: Sendable {
    private struct State {
      var isOpen = false
      var waiter: CheckedContinuation<Void, Never>?
    }
    private let state = Lock(State())

    func wait() async {
      await withCheckedContinuation { continuation in
        let open = state.withLock { state in
          if !state.isOpen { state.waiter = continuation }
          return state.isOpen
        }
        if open { continuation.resume() }
      }
    }

    func open() {
      state.withLock { state in
        state.isOpen = true
        return state.waiter.take()
      }?.resume()
    }
  }
}
