public import PhoenixCore

/// Runs pieces of work, as `WorkQueueState` decides, each in a task of its own.
public actor WorkQueue {
  /// What a piece of work does. It runs off the queue, and should end soon when its task is cancelled.
  public typealias Body = @concurrent @Sendable () async -> Void

  private let executor: QueueExecutor
  /// The queue's own Dispatch queue.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  private let clock: HostClock
  private var state: WorkQueueState
  /// The newest body of each key that waits or will run again.
  private var bodies: [String: Body] = [:]
  private var tasks: [String: Task<Void, Never>] = [:]
  private var alarm: Task<Void, Never>?
  private var idleWaiters: [CheckedContinuation<Void, Never>] = []

  /// Creates an idle queue.
  ///
  /// - Parameters:
  ///   - width: How many pieces run at once.
  ///   - clock: On whose `boot` limits count.
  ///   - executor: The queue on which decisions are made; actors that talk a lot share one.
  public init(
    width: Int, clock: HostClock = .system, executor: QueueExecutor = QueueExecutor(label: "phoenix.work")
  ) {
    self.executor = executor
    self.clock = clock
    state = WorkQueueState(width: width)
  }

  /// Takes a piece of work.
  ///
  /// - Parameters:
  ///   - item: What it is and occupies.
  ///   - body: What it does. Of submissions that coalesce, the newest body runs.
  /// - Returns: Whether it waits, coalesced, will run again, or was refused.
  @discardableResult
  public func submit(_ item: WorkItem, _ body: @escaping Body) -> WorkQueueState.Submission {
    let submission = state.submit(item)
    if submission != .refused { bodies[item.key] = body }
    startWhatMayRun()
    return submission
  }

  /// Takes a piece back: a waiting one is forgotten, the task of a running one is cancelled.
  @discardableResult
  public func cancel(_ key: String) -> WorkQueueState.Cancellation {
    let cancellation = state.cancel(key)
    switch cancellation {
    case .removed: bodies[key] = nil
    case .running:
      bodies[key] = nil
      tasks[key]?.cancel()
    case .unknown: break
    }
    tellIdle()
    return cancellation
  }

  /// Starts nothing until `resume`.
  public func pause() { state.pause() }

  /// Starts again.
  public func resume() {
    state.resume()
    startWhatMayRun()
  }

  /// Takes nothing new, forgets what waits, and returns when what runs has ended.
  ///
  /// - Parameter cancelling: Whether to cancel what runs.
  /// - Returns: The keys that waited and were forgotten.
  @discardableResult
  public func drain(cancelling: Bool = false) async -> [String] {
    let forgotten = state.drain()
    bodies = [:]
    if cancelling { for task in tasks.values { task.cancel() } }
    await idle()
    return forgotten
  }

  /// Returns when nothing waits and nothing runs.
  public func idle() async {
    if state.isIdle { return }
    await withCheckedContinuation { idleWaiters.append($0) }
  }

  /// Decides once, for a watchdog that wants to know whether the queue still does.
  ///
  /// - Returns: False when work waits that nothing keeps from running.
  public func round() -> Bool { !state.isStuck }

  /// The keys that run.
  public var running: [String] { state.runningKeys }
  /// The keys that wait, in order.
  public var waiting: [String] { state.waitingKeys }

  private func startWhatMayRun() {
    for item in state.start(now: clock.boot()) {
      guard let body = bodies.removeValue(forKey: item.key) else {
        state.finish(item.key)
        continue
      }
      tasks[item.key] = Task {
        await body()
        self.ended(item.key)
      }
    }
    setAlarm()
  }

  private func ended(_ key: String) {
    tasks[key] = nil
    state.finish(key)
    startWhatMayRun()
    tellIdle()
  }

  private func tellIdle() {
    guard state.isIdle else { return }
    for waiter in idleWaiters { waiter.resume() }
    idleWaiters = []
  }

  /// Wakes when the next limit is over.
  private func setAlarm() {
    alarm?.cancel()
    alarm = nil
    guard let deadline = state.nextDeadline else { return }
    let clock = clock
    alarm = Task {
      await clock.sleep(deadline)
      if !Task.isCancelled { self.expire() }
    }
  }

  private func expire() {
    for key in state.expire(now: clock.boot()) { tasks[key]?.cancel() }
    setAlarm()
  }
}
