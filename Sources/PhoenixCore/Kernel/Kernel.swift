/// What happens to the kernel from outside an action.
public enum KernelInput: Sendable {
  /// A new desired state. It takes force when no action is under way.
  case configure(KernelConfiguration)
  /// The files were read again and are not taken, with the reason; nil when they are.
  case refused(Finding?)
  /// A reason to look.
  case trigger(Trigger)
  /// Time has passed.
  case tick
  /// A system was looked at for a run.
  case observed(RunID, Observation)
  /// Somebody wants a run.
  case request(RunRequest)
  /// Somebody no longer wants it.
  case cancel(RunID)
  /// Leave a resource alone, until a moment or until resumed.
  case suspend(ResourceID, until: WallTime?)
  /// Keep it again.
  case resume(ResourceID)
  /// Leave everything alone, or keep it again.
  case pause(Bool)
  /// Whether the last write of the memory succeeded; why not, where that is known.
  case stateWritable(Bool, reason: String? = nil)
}

/// The decisions of the daemon, in one value: no IO, no clock, no randomness.
///
/// A driver feeds it with what happens and does what it asks for, in order; the simulation is another driver.
/// One run at a time is under way, so there is one writer.
public struct Kernel: Sendable {
  var configuration: KernelConfiguration
  var pendingConfiguration: KernelConfiguration?
  var systems: [SystemName: any SystemState] = [:]
  var declared: [ResourceID: DeclaredResource] = [:]

  /// What must survive a kill.
  public internal(set) var memory: KernelMemory
  var persisted: KernelMemory
  var isStateWritable = true

  var circuits: [String: Circuit] = [:]
  var triggers = TriggerBox()
  /// When a pass last looked at a system. Runs that were asked for do not count: they may act on nothing, or on a
  /// part, and whoever plans again and again would keep the passes from ever coming due.
  var lastPass: [SystemName: Moment] = [:]
  var lastFullPass: Moment?
  /// How many passes in a row did not read the whole of a system, or found something on its way in it.
  var unsettledPasses: [SystemName: Int] = [:]

  var waiting: [RunRequest] = []
  var run: Run?
  /// Whether the last run was asked for; a pass that is due goes before the next one of those.
  var wasRequested = false
  /// What is wanted and not done, as of each system's last look.
  var held: [ResourceID: HeldChange] = [:]
  var told = Told()
  /// What systems published before new files came, until they are looked at again: for reports alone.
  var factsBefore: [SystemName: [FactKey: Reading<FactValue>]] = [:]
  /// Why newer files are not in force; nil when there are none.
  var refusedFiles: Finding?
  var statuses = StatusBook()

  private let idPrefix: String
  private var runCount = 0
  var effects: [KernelEffect] = []

  /// Creates a kernel.
  ///
  /// - Parameters:
  ///   - configuration: The desired state and the policy.
  ///   - memory: What was on disk; nil at the first start.
  ///   - idPrefix: Begins the names of its runs; different at each start of the process.
  public init(configuration: KernelConfiguration, memory: KernelMemory?, idPrefix: String) {
    self.configuration = configuration
    self.memory = memory ?? KernelMemory()
    self.persisted = self.memory
    self.idPrefix = idPrefix
    for index in self.memory.approvals.indices {
      self.memory.approvals[index].interrupted.formUnion(self.memory.inFlight.keys)
    }
    adopt(configuration)
    for resource in self.memory.inFlight.keys.sorted() { tell(.interrupted(resource), run: nil) }
    self.memory.inFlight = [:]
    triggers.put(.start)
  }

  /// Takes in what happened.
  ///
  /// - Parameters:
  ///   - input: What happened.
  ///   - now: When.
  /// - Returns: What to do, in this order.
  public mutating func handle(_ input: KernelInput, at now: Moment) -> [KernelEffect] {
    switch input {
    case .configure(let configuration):
      pendingConfiguration = configuration
      triggers.put(.reload)
    case .refused(let finding): refusedFiles = finding
    case .trigger(let trigger):
      triggers.put(trigger)
      run?.isNudged.formUnion(trigger.system.map { [$0] } ?? Set(systems.keys))
    case .tick: break
    case .observed(let id, let observation): look(id, observation, now)
    case .request(let request): waiting.append(request)
    case .cancel(let id): cancel(id, now)
    case .suspend(let resource, let until):
      memory.suspensions[resource] = KernelMemory.Suspension(until: until)
      tell(.suspended(resource, until: until), run: nil)
    case .resume(let resource):
      if memory.suspensions.removeValue(forKey: resource) != nil { tell(.resumed(resource), run: nil) }
      triggers.put(.followUp(resource.system))
    case .pause(let paused):
      memory.isPaused = paused
      if !paused {
        memory.suspensions = [:]
        triggers.put(.nudge)
      }
      tell(.paused(paused), run: nil)
    case .stateWritable(let writable, let reason): stateWritable(writable, reason)
    }
    startNextRun(now)
    watch(now)
    return takeEffects()
  }

  /// The latest moment at which the kernel wants a `.tick`.
  public func nextWake(at now: Moment) -> BootTime? {
    guard run == nil else { return nextWatch }
    return configuration.onlyOnRequest ? nil : schedule(now).compactMap(\.moment).min()
  }

  /// Whether the last write of the memory succeeded.
  public var isMemoryWritten: Bool { isStateWritable }

  /// Whether newer files than those in force were refused.
  public var isRefusing: Bool { refusedFiles != nil }

  /// Whether a run is under way.
  public var isRunning: Bool { run != nil }

  /// The actions under way, by resource.
  public var activeActions: [ResourceID] { run?.active.keys.sorted() ?? [] }

  // MARK: - For the extensions

  mutating func tell(_ kind: KernelEvent.Kind, run: RunID?) {
    effects.append(.tell(KernelEvent(run: run, kind: kind)))
  }

  /// The effects so far; the memory goes first, since everything after it may rely on it.
  mutating func takeEffects() -> [KernelEffect] {
    defer { effects = [] }
    guard memory != persisted || !isStateWritable else { return effects }
    persisted = memory
    return [.persist(memory)] + effects
  }

  mutating func nextRunID() -> RunID {
    runCount += 1
    return RunID("\(idPrefix)-\(runCount)")
  }

  mutating func adopt(_ configuration: KernelConfiguration) {
    self.configuration = configuration
    for state in systems.values where state.isObserved { factsBefore[state.name] = state.facts() }
    systems = Dictionary(configuration.systems.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let resources = configuration.systems.flatMap(\.declared)
    declared = Dictionary(resources.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    memory.approvals.removeAll { $0.desiredDigest != configuration.desiredDigest }
    tell(.configured(desiredDigest: configuration.desiredDigest), run: nil)
  }

  private mutating func stateWritable(_ writable: Bool, _ reason: String?) {
    guard writable != isStateWritable else { return }
    isStateWritable = writable
    tell(.stateWritable(writable, reason: reason), run: nil)
  }
}
