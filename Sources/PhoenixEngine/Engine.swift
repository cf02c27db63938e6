public import PhoenixCore
public import PhoenixHost

/// The kernel's driver in the real world: it does what the kernel asks for, in order, and tells it what came.
///
/// It has a Dispatch queue of its own, on which it also writes the memory: nothing that relies on the memory
/// goes on before it is on disk.
public actor Engine {
  private let executor = QueueExecutor(label: "phoenix.engine")
  /// The engine's own Dispatch queue.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// Why the memory of earlier times was not read whole, and what was done; nil when it was.
  public nonisolated let memoryTrouble: String?

  let clock: HostClock
  private let queue: WorkQueue
  private let sink: @Sendable (KernelEvent) -> Void

  var kernel: Kernel
  private var store: StateStore<KernelMemory>
  private var drivers: [SystemName: any SystemDriver]
  private var lookLimit: Duration
  private var pending: EngineConfiguration?

  private var replies: [RunID: CheckedContinuation<RunResult, Never>] = [:]
  private var watchers: [RunID: [AsyncStream<KernelEvent>.Continuation]] = [:]
  private var looks: [Int: Task<Void, Never>] = [:]
  private var awaited = Awaited()
  private var forceWaiters: [CheckedContinuation<Void, Never>] = []
  private var timer: Task<Void, Never>?
  private var isStopping = false
  private var requestCount = 0
  private let idPrefix: String
  let began: WallTime

  /// Creates an engine; it does nothing before `start`.
  ///
  /// - Parameters:
  ///   - configuration: The first desired state.
  ///   - statePath: The file that holds the kernel's memory.
  ///   - clock: All its clocks.
  ///   - counter: Counts the writes of the state directory.
  ///   - sink: Takes every event, in order; it must not block.
  public init(
    configuration: EngineConfiguration, statePath: String, clock: HostClock = .system,
    counter: WriteCounter? = nil, sink: @escaping @Sendable (KernelEvent) -> Void
  ) {
    self.clock = clock
    self.sink = sink
    began = clock.wall()
    idPrefix = String(began.milliseconds, radix: 36)
    var store = StateStore<KernelMemory>(path: statePath, schema: 1, counter: counter)
    let memory: KernelMemory?
    switch store.load() {
    case .current(let value): (memory, memoryTrouble) = (value, nil)
    case .previous(let value, let reason):
      (memory, memoryTrouble) = (value, "\(reason); the copy before it was taken")
    case .none: (memory, memoryTrouble) = (nil, nil)
    case .unusable(let reason):
      (memory, memoryTrouble) = (nil, "\(reason); it is built anew from what the systems show")
    case .unreadable(let reason):
      (memory, memoryTrouble) = (
        nil, "\(reason); nothing is changed until phoenixd is started and can read it"
      )
    }
    self.store = store
    kernel = Kernel(configuration: configuration.kernel, memory: memory, idPrefix: idPrefix)
    drivers = Dictionary(configuration.drivers.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    lookLimit = configuration.lookLimit
    queue = WorkQueue(width: configuration.width, clock: clock, executor: executor)
  }

  // MARK: - For the daemon and the control interface

  /// Begins to look, and goes on until `stop`.
  public func start() { feed(.tick) }

  /// Gives it a reason to look.
  public func trigger(_ trigger: Trigger) { feed(.trigger(trigger)) }

  /// Puts a new desired state in force when no action is under way.
  public func configure(_ configuration: EngineConfiguration) {
    pending = configuration
    feed(.configure(configuration.kernel))
  }

  /// Has it tell wherever it is asked that newer files are refused, and why; nil ends that.
  public func refuse(_ finding: Finding?) { feed(.refused(finding)) }

  /// Returns when the newest desired state is in force, the engine stops, or the limit has passed.
  ///
  /// - Parameter limit: How long to wait.
  /// - Returns: Whether it is in force.
  public func isInForce(within limit: Duration) async -> Bool {
    await Race.run(limit: limit, clock: clock, late: ()) { await self.inForce() }
    return pending == nil
  }

  private func inForce() async {
    guard pending != nil, !isStopping else { return }
    await withCheckedContinuation { forceWaiters.append($0) }
  }

  private func tellInForce() {
    for waiter in forceWaiters { waiter.resume() }
    forceWaiters = []
  }

  /// A new name for a run.
  public func nextRequestID() -> RunID {
    requestCount += 1
    return RunID("\(idPrefix)-r\(requestCount)")
  }

  /// Runs what was requested and returns how it ended.
  public func run(_ request: RunRequest) async -> RunResult {
    guard !isStopping else { return .refused(request.id, Self.stoppingReason) }
    return await withCheckedContinuation { continuation in
      replies[request.id] = continuation
      feed(.request(request))
    }
  }

  /// The events of a run, from now to its end. Ask before the run is requested.
  public func events(of run: RunID) -> AsyncStream<KernelEvent> {
    let (stream, continuation) = AsyncStream<KernelEvent>.makeStream(
      bufferingPolicy: .bufferingNewest(10_000))
    guard !isStopping else {
      continuation.finish()
      return stream
    }
    watchers[run, default: []].append(continuation)
    return stream
  }

  /// Stops a run: what waits is not begun, what is under way is cancelled.
  public func cancel(_ run: RunID) { feed(.cancel(run)) }

  /// Takes an operator's wish, which the next look finds.
  ///
  /// - Parameters:
  ///   - wish: What is wanted.
  ///   - resource: Such as `certificates/certificate/NAME`.
  /// - Throws: When that is nothing for the resource, or the wish cannot be kept.
  public func request(_ wish: Wish, for resource: ResourceID) async throws(Failure) {
    guard let driver = drivers[resource.system], let state = kernel.state(of: resource.system) else {
      throw Failure(
        .permanent, doing: "\(wish.rawValue) \(resource)",
        got: "this Phoenix does not keep \(resource.system.rawValue)")
    }
    try await driver.request(wish, for: resource, state: state)
  }

  /// Leaves a resource alone, until a moment or until resumed.
  public func suspend(_ resource: ResourceID, until: WallTime?) { feed(.suspend(resource, until: until)) }

  /// Keeps a resource again.
  public func resume(_ resource: ResourceID) { feed(.resume(resource)) }

  /// Leaves everything alone, or keeps it again and ends all suspensions.
  public func pause(_ paused: Bool) { feed(.pause(paused)) }

  /// Begins nothing more, waits for the actions under way, and cancels them when the limit has passed.
  ///
  /// - Parameter limit: How long to wait.
  /// - Returns: The resources whose actions were cancelled; the next start looks at them anew.
  public func stop(within limit: Duration) async -> [ResourceID] {
    isStopping = true
    timer?.cancel()
    let looks = looks.values
    for look in looks { look.cancel() }
    let queue = queue
    let isDone = await Race.run(limit: limit, clock: clock, late: false) {
      await queue.drain()
      return true
    }
    let left = isDone ? [] : kernel.activeActions
    await Race.run(limit: .seconds(2), clock: clock, late: ()) {
      if !isDone { await queue.drain(cancelling: true) }
      // Those who close connections next would find them in use.
      for look in looks { await look.value }
    }
    for continuation in watchers.values.flatMap({ $0 }) { continuation.finish() }
    for (id, reply) in replies { reply.resume(returning: .refused(id, Self.stoppingReason)) }
    replies = [:]
    tellInForce()
    return left
  }

  private static let stoppingReason = "Phoenix is stopping"

  // MARK: - For the watchdog

  /// Handles one input as any other.
  ///
  /// - Returns: False when what the kernel waits for is not back although its time is over: such an engine takes
  ///   inputs, and its pass never ends.
  public func round() -> Bool {
    feed(.tick)
    return !awaited.isLate(now: clock.uptime())
  }

  /// Has the queue of actions do a round.
  ///
  /// - Returns: False when it holds work back that could run.
  public nonisolated func workRound() async -> Bool { await queue.round() }

  // MARK: - Driving the kernel

  func moment() -> Moment {
    Moment(wall: clock.wall(), boot: clock.boot(), utcOffset: LocalZone.offset(at: clock.wall()))
  }

  private func feed(_ input: KernelInput) {
    guard !isStopping else { return }
    perform(kernel.handle(input, at: moment()))
    setTimer()
  }

  /// Does what the kernel asks for, in order. Returns whether the memory is on disk.
  @discardableResult
  private func perform(_ effects: [KernelEffect]) -> Bool {
    var isJournaled = true
    for effect in effects {
      switch effect {
      case .persist(let memory): isJournaled = persist(memory)
      case .observe(let run, let system): look(at: system, for: run)
      case .enqueue(let action, let route): enqueue(action, route)
      case .cancel(let resource): cancelAction(resource)
      case .tell(let event): tell(event)
      case .reply(let result): reply(result)
      }
    }
    return isJournaled
  }

  private func persist(_ memory: KernelMemory) -> Bool {
    var trouble: FileError?
    do throws(FileError) {
      try store.save(memory)
    } catch {
      trouble = error
    }
    let isWritten = trouble == nil
    Failpoint.reach(.actionRecorded)
    for effect in kernel.handle(
      .stateWritable(isWritten, reason: trouble?.failure(doing: "write it").got), at: moment())
    {
      // The memory itself is written again with the next step, not in a loop.
      if case .persist = effect { continue }
      perform([effect])
    }
    return isWritten
  }

  private func look(at system: SystemName, for run: RunID) {
    guard let driver = drivers[system], let state = kernel.state(of: system) else {
      return feedLater(
        .observed(run, Observation(system, .everything, .silent("this Phoenix has no hands for it"))))
    }
    let clock = clock
    let limit = lookLimit
    let token = awaited.begin(within: limit, now: clock.uptime())
    looks[token] = Task {
      let late = Observation(
        system, .everything, .silent("no answer within \(limit.wholeMilliseconds / 1000) s"))
      let observation = await Race.run(limit: limit, clock: clock, late: late) {
        await driver.observe(.everything, state: state)
      }
      self.looks[token] = nil
      self.awaited.end(token)
      self.feed(.observed(run, observation))
    }
  }

  private func feedLater(_ input: KernelInput) { Task { self.feed(input) } }

  private func tell(_ event: KernelEvent) {
    if case .configured = event.kind, let next = pending {
      drivers = Dictionary(next.drivers.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
      lookLimit = next.lookLimit
      pending = nil
      tellInForce()
    }
    sink(event)
    guard let run = event.run else { return }
    for watcher in watchers[run] ?? [] { watcher.yield(event) }
  }

  private func reply(_ result: RunResult) {
    for watcher in watchers.removeValue(forKey: result.id) ?? [] { watcher.finish() }
    replies.removeValue(forKey: result.id)?.resume(returning: result)
  }

  /// Wakes when the kernel wants it.
  private func setTimer() {
    timer?.cancel()
    guard let wake = kernel.nextWake(at: moment()) else { return }
    let clock = clock
    timer = Task {
      await clock.sleep(wake)
      if !Task.isCancelled { self.feed(.tick) }
    }
  }

  // MARK: - Actions

  private func enqueue(_ action: Action, _ route: Route) {
    guard !isStopping else { return }
    let resource = action.resource
    let item = WorkItem(key: resource.description, lane: route.lane)
    let queue = queue
    Task { await queue.submit(item) { await self.carryOut(resource) } }
  }

  private func cancelAction(_ resource: ResourceID) {
    let queue = queue
    Task {
      // One that never began has no task to cancel: the kernel is told here.
      if await queue.cancel(resource.description) == .removed { self.advance(resource, .cancelled) }
    }
  }

  /// One action, from its turn to its end.
  private func carryOut(_ resource: ResourceID) async {
    var step = advance(resource, .begin)
    while step != .done {
      let input = await result(of: step)
      step = advance(resource, Task.isCancelled ? .cancelled : input)
    }
  }

  @discardableResult
  private func advance(_ resource: ResourceID, _ input: ActionInput) -> ActionStep {
    let (step, effects) = kernel.advance(resource, input, at: moment())
    let isJournaled = perform(effects)
    setTimer()
    if case .apply(let change) = step, !isJournaled, !change.endsExposure {
      return advance(resource, .unjournaled)
    }
    return step
  }

  private func result(of step: ActionStep) async -> ActionInput {
    let token = awaited.begin(within: limit(of: step), now: clock.uptime())
    defer { awaited.end(token) }
    switch step {
    case .observe(let resource): return .observed(await look(again: resource))
    case .apply(let change): return await apply(change)
    case .wait(let duration):
      await clock.sleep(clock.boot() + duration)
      return .waited
    case .done: return .cancelled
    }
  }

  private func limit(of step: ActionStep) -> Duration {
    switch step {
    case .observe: lookLimit
    case .apply: kernel.actionLimit
    case .wait(let duration): duration
    case .done: .zero
    }
  }

  private func look(again resource: ResourceID) async -> Observation {
    let scope = ObservationScope.only([resource])
    guard let driver = drivers[resource.system], let state = kernel.state(of: resource.system) else {
      return Observation(resource.system, scope, .silent("this Phoenix has no hands for it"))
    }
    let late = Observation(
      resource.system, scope, .silent("no answer within \(lookLimit.wholeMilliseconds / 1000) s"))
    return await Race.run(limit: lookLimit, clock: clock, late: late) {
      await driver.observe(scope, state: state)
    }
  }

  private func apply(_ change: Change) async -> ActionInput {
    guard let driver = drivers[change.resource.system], let state = kernel.state(of: change.resource.system)
    else { return .cancelled }
    let facts = kernel.currentFacts()
    let limit = kernel.actionLimit
    let late = ActionInput.applyFailed(
      Failure(
        .transient, doing: "change \(change.resource)",
        got: "no end within \(limit.wholeMilliseconds / 1000) s",
        hint: "it is looked at again", endpoint: change.resource.system.rawValue))
    let input = await Race.run(limit: limit, clock: clock, late: late) {
      do throws(Failure) {
        try await driver.apply(change, state: state, facts: facts)
        return ActionInput.applied
      } catch {
        return ActionInput.applyFailed(error)
      }
    }
    Failpoint.reach(.actionApplied)
    return input
  }
}
