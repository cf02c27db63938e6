import PhoenixCore

/// The kernel in a simulated world, driven by a seed: errors, hangs, lost replies, drift by others, kills at
/// any step, clocks that jump. The same seed gives the same history.
public struct Simulation {
  /// What a seed showed.
  public struct Report: Sendable {
    /// The seed.
    public let seed: UInt64
    /// What must never have happened; empty when all is well.
    public let violations: [String]
    /// The history, for a replay.
    public let trace: [String]
    /// Writes, kills and faults: to see that the seeds are no walk in the park.
    public let counts: [String: Int]
  }

  /// Something that will happen at a moment of virtual time.
  private enum Happening {
    case tick
    case lookDone(RunID, SystemName, epoch: Int)
    case lookSilent(RunID, SystemName, epoch: Int)
    case granted(ResourceID, epoch: Int)
    case input(ResourceID, ActionKind, epoch: Int)
    case landed(Change, reply: Bool, failure: Failure?, epoch: Int)
    case worldEvent
    case `operator`
    case resumeAll
    case kill
    case killOfRun
    case quiet
  }

  private enum ActionKind {
    case look(only: ResourceID)
    case silence(ResourceID)
    case waited
    case failed(Failure, of: Change)
    case cancelled
  }

  let seed: UInt64
  private var generator: SeededGenerator
  private var world: SimulatedWorld
  private var kernel: Kernel
  private var disk: KernelMemory?
  private var isDiskFull = false
  private var epoch = 0
  private var starts = 0

  private var now: Int64 = 0
  private var wallOffset: Int64 = 1_800_000_000_000
  private var queue: [(time: Int64, order: Int, what: Happening)] = []
  private var order = 0
  private var isQuiet = false
  private var timer: Int64?

  private var lanes: [String: [(ResourceID, Int)]] = [:]
  private var busy: [String: ResourceID] = [:]
  private var laneOf: [ResourceID: String] = [:]

  private var oracle: Oracle
  private var trace: [String] = []
  private let keepsTrace: Bool
  private var counts: [String: Int] = [:]

  private static let chaos: Int64 = 15 * 60_000
  private static let calm: Int64 = 80 * 60_000

  private init(seed: UInt64, keepsTrace: Bool) {
    self.seed = seed
    self.keepsTrace = keepsTrace
    generator = SeededGenerator(seed: seed)
    world = SimulatedWorld(using: &generator)
    oracle = Oracle(followers: world.followers)
    kernel = Kernel(configuration: world.configuration(), memory: nil, idPrefix: "start0")
  }

  /// Plays a seed to its end.
  public static func play(seed: UInt64, keepsTrace: Bool = false) -> Report {
    var simulation = Simulation(seed: seed, keepsTrace: keepsTrace)
    simulation.play()
    return Report(
      seed: seed, violations: simulation.oracle.violations, trace: simulation.trace, counts: simulation.counts
    )
  }

  private var moment: Moment {
    Moment(wall: WallTime(milliseconds: wallOffset + now), boot: BootTime(milliseconds: now))
  }

  private mutating func note(_ text: @autoclosure () -> String) {
    if keepsTrace { trace.append("\(now) \(text())") }
  }

  private mutating func count(_ what: String) { counts[what, default: 0] += 1 }

  private mutating func schedule(_ delay: Int64, _ what: Happening) {
    order += 1
    queue.append((now + delay, order, what))
  }

  // MARK: - The course of a seed

  private mutating func play() {
    schedule(0, .tick)
    for _ in 0..<generator.upTo(12) { schedule(generator.upTo(Self.chaos), .worldEvent) }
    for _ in 0..<generator.upTo(3) { schedule(generator.upTo(Self.chaos), .operator) }
    for _ in 0..<generator.upTo(4) { schedule(generator.upTo(Self.chaos), .kill) }
    schedule(Self.chaos, .quiet)
    run(until: Self.chaos + Self.calm)
    guard oracle.violations.isEmpty else { return }
    oracle.expectConverged(world, kernel, disk: disk)
    let writes = oracle.writes
    run(until: Self.chaos + Self.calm + 10 * 120_000)
    if oracle.writes != writes { oracle.fail("\(oracle.writes - writes) writes to a world at rest") }
  }

  private mutating func run(until end: Int64) {
    var steps = 0
    while let index = nextIndex(), queue[index].time <= end {
      steps += 1
      guard steps < 60_000 else { return oracle.fail("no end: the kernel is busy for ever") }
      let entry = queue.remove(at: index)
      now = max(now, entry.time)
      happen(entry.what)
      if !oracle.violations.isEmpty { return }
    }
    now = end
  }

  private func nextIndex() -> Int? {
    queue.indices.min { (queue[$0].time, queue[$0].order) < (queue[$1].time, queue[$1].order) }
  }

  private mutating func happen(_ what: Happening) {
    switch what {
    case .tick:
      if timer == now { timer = nil }
      feed(.tick)
    case .lookDone(let run, let system, let epoch) where epoch == self.epoch:
      let observation = world.observation(system, .everything)
      oracle.saw(system, world, only: nil)
      feed(.observed(run, observation))
    case .lookSilent(let run, let system, let epoch) where epoch == self.epoch:
      oracle.sawNothing(of: system)
      feed(.observed(run, Observation(system, .everything, .silent("no answer in time"))))
    case .granted(let resource, let epoch) where epoch == self.epoch:
      meddle(with: resource)
      advance(resource, .begin)
    case .input(let resource, let kind, let epoch) where epoch == self.epoch: deliver(kind, to: resource)
    case .landed(let change, let reply, let failure, let epoch): land(change, reply, failure, epoch)
    case .worldEvent: disturb()
    case .operator: operate()
    case .resumeAll:
      oracle.isPaused = false
      oracle.suspended = [:]
      feed(.pause(false))
    case .kill: kill()
    case .killOfRun:
      meanwhile()
      kill()
    case .quiet: calmDown()
    default: break  // The process that waited for it was killed.
    }
  }

  private mutating func calmDown() {
    isQuiet = true
    world.down = []
    world.veiled = []
    world.broken = []
    isDiskFull = false
    note("quiet")
    oracle.isPaused = false
    oracle.suspended = [:]
    feed(.pause(false))
  }

  // MARK: - The kernel's hands

  private mutating func feed(_ input: KernelInput) {
    perform(kernel.handle(input, at: moment))
    setTimer()
  }

  private mutating func advance(_ resource: ResourceID, _ input: ActionInput) {
    let (step, effects) = kernel.advance(resource, input, at: moment)
    let isJournaled = perform(effects)
    switch step {
    case .observe(let id): lookAgain(at: id)
    case .apply(let change):
      guard isJournaled else { return advance(resource, .unjournaled) }
      apply(change)
    case .wait(let duration): schedule(duration.wholeMilliseconds, .input(resource, .waited, epoch: epoch))
    case .done: release(resource)
    }
    setTimer()
  }

  /// One timer, as the daemon has one: a later moment does not replace an earlier one.
  private mutating func setTimer() {
    guard let wake = kernel.nextWake(at: moment) else { return }
    let time = max(wake.milliseconds, now + 1)
    if let timer, now < timer, timer <= time { return }
    timer = time
    schedule(time - now, .tick)
  }

  /// Does what the kernel asks for. Returns whether the memory is on disk.
  @discardableResult
  private mutating func perform(_ effects: [KernelEffect]) -> Bool {
    var isJournaled = true
    for effect in effects {
      switch effect {
      case .persist(let memory):
        isJournaled = !isDiskFull
        if isJournaled { disk = memory }
        perform(kernel.handle(.stateWritable(isJournaled), at: moment).filter { !$0.isPersist })
      case .observe(let run, let system):
        count("looks")
        if !isQuiet && generator.chance(4) {
          count("hangs")
          schedule(30_000, .lookSilent(run, system, epoch: epoch))
        } else {
          schedule(1 + generator.upTo(400), .lookDone(run, system, epoch: epoch))
        }
      case .enqueue(let action, let route): enqueue(action.resource, lane: route.lane)
      case .cancel(let resource): schedule(generator.upTo(50), .input(resource, .cancelled, epoch: epoch))
      case .tell(let event):
        note("tell \(event.kind)")
        oracle.hears(event, world, at: moment)
      case .reply(let result): oracle.ended(result, isOnDisk: !isDiskFull)
      }
    }
    return isJournaled
  }

  private mutating func enqueue(_ resource: ResourceID, lane: String) {
    laneOf[resource] = lane
    lanes[lane, default: []].append((resource, epoch))
    grant(lane)
  }

  private mutating func grant(_ lane: String) {
    guard busy[lane] == nil, let next = lanes[lane]?.first else { return }
    lanes[lane]?.removeFirst()
    busy[lane] = next.0
    schedule(generator.upTo(20), .granted(next.0, epoch: next.1))
  }

  private mutating func release(_ resource: ResourceID) {
    guard let lane = laneOf.removeValue(forKey: resource), busy[lane] == resource else { return }
    busy[lane] = nil
    grant(lane)
  }

  private mutating func lookAgain(at id: ResourceID) {
    if !isQuiet && generator.chance(4) {
      count("hangs")
      schedule(30_000, .input(id, .silence(id), epoch: epoch))
    } else {
      schedule(1 + generator.upTo(300), .input(id, .look(only: id), epoch: epoch))
    }
  }

  private mutating func deliver(_ kind: ActionKind, to resource: ResourceID) {
    switch kind {
    case .look(let only):
      oracle.saw(resource.system, world, only: only)
      advance(resource, .observed(world.observation(resource.system, .only([only]))))
    case .silence:
      oracle.sawNothing(of: resource.system)
      advance(
        resource, .observed(Observation(resource.system, .only([resource]), .silent("no answer in time"))))
    case .waited: advance(resource, .waited)
    case .failed(let failure, let change):
      if failure.persistence == .conflict { oracle.conflicts(over: change, at: moment) }
      advance(resource, .applyFailed(failure))
    case .cancelled: advance(resource, .cancelled)
    }
  }

  private mutating func apply(_ change: Change) {
    count("applies")
    note("apply \(change.kind) \(change.resource)")
    oracle.applies(change, world, kernel, disk: disk, at: moment)
    let delay = 1 + generator.upTo(2000)
    let endpoint = change.resource.system.rawValue
    func failure(_ persistence: Failure.Persistence) -> Failure {
      Failure(persistence, doing: "apply \(change.resource)", got: "a simulated fault", endpoint: endpoint)
    }
    guard !isQuiet else { return schedule(delay, .landed(change, reply: true, failure: nil, epoch: epoch)) }
    switch world.broken.contains(change.resource.system) ? 0 : Int.random(in: 0..<100, using: &generator) {
    case 0..<8:
      schedule(delay, .input(change.resource, .failed(failure(.transient), of: change), epoch: epoch))
    case 8..<11:
      schedule(delay, .input(change.resource, .failed(failure(.permanent), of: change), epoch: epoch))
    case 11..<14:
      schedule(delay, .input(change.resource, .failed(failure(.conflict), of: change), epoch: epoch))
    case 14..<19:
      count("lost replies")
      schedule(delay, .landed(change, reply: false, failure: nil, epoch: epoch))
      schedule(60_000, .input(change.resource, .failed(failure(.transient), of: change), epoch: epoch))
    case 19..<22:  // Says yes, and does nothing.
      count("lies")
      schedule(delay, .landed(change, reply: true, failure: failure(.transient), epoch: epoch))
    default: schedule(delay, .landed(change, reply: true, failure: nil, epoch: epoch))
    }
  }

  private mutating func land(_ change: Change, _ reply: Bool, _ lie: Failure?, _ epoch: Int) {
    if lie == nil { world.carryOut(change) }
    note("landed \(change.resource) reply \(reply)")
    if reply, epoch == self.epoch { advance(change.resource, .applied) }
  }

  // MARK: - What others do

  /// Somebody mends or changes by hand just what is about to be changed.
  private mutating func meddle(with resource: ResourceID) {
    guard !isQuiet else { return }
    if generator.chance(3) {
      count("pauses")
      oracle.isPaused = true
      feed(.pause(true))
      schedule(60_000, .resumeAll)
    }
    guard generator.chance(8) else { return }
    count("meddlings")
    let other = Int.random(in: 1...9, using: &generator)
    world.actual[resource] = generator.chance(50) ? world.wanted(resource) : other
  }

  private mutating func disturb() {
    guard !isQuiet else { return }
    count("disturbances")
    let all = world.declared
    guard let id = all.randomElement(using: &generator) else { return }
    note("disturb \(id)")
    switch Int.random(in: 0..<11, using: &generator) {
    case 9: world.broken.insert(id.system)
    case 0..<4: world.actual[id] = Int.random(in: 1...9, using: &generator)
    case 4:
      // What holds data is lost as often as anything else, though there is less of it.
      world.actual[generator.chance(50) ? all.first { world.holdsData($0) } ?? id : id] = nil
    case 5:
      world.actual[ResourceID(id.system, "thing", "stray-\(Int.random(in: 0..<3, using: &generator))")] = 5
    case 6:
      world.down.insert(id.system)
      if generator.chance(50) { feed(.trigger(.nudge)) }
    case 7: world.veiled.insert(id)
    case 8:
      moveClock(by: Int64.random(in: -7_200_000...7_200_000, using: &generator))
      feed(.trigger(.clockJump))
    default:
      isDiskFull.toggle()
      // Many at once, as a careless edit would make them.
      for other in all where generator.chance(40) {
        world.actual[other] = Int.random(in: 1...9, using: &generator)
      }
    }
    if generator.chance(40) { world.down = [] }
    if generator.chance(40) { world.veiled = [] }
    if generator.chance(20) { world.broken = [] }
    schedule(generator.upTo(60_000), .tick)
  }

  private mutating func operate() {
    guard !isQuiet else { return }
    count("operators")
    let id = RunID("operator-\(counts["operators"] ?? 0)")
    let all = world.declared
    switch Int.random(in: 0..<8, using: &generator) {
    case 6, 7: allowAndDie(id)
    case 0: feed(.request(RunRequest(id, .plan)))
    case 1:
      let allow = Set(Risk.allCases.filter { _ in generator.chance(50) })
      oracle.operatorAllows(allow, run: id, at: moment)
      feed(.request(RunRequest(id, .apply(digest: nil), allow: allow)))
      if generator.chance(30) { feed(.cancel(id)) }
    case 2: feed(.request(RunRequest(id, .apply(digest: "sha256:of another plan"))))
    case 3:
      guard let resource = all.randomElement(using: &generator) else { return }
      let until = WallTime(milliseconds: moment.wall.milliseconds + generator.upTo(600_000))
      oracle.suspended[resource] = until
      feed(.suspend(resource, until: until))
    case 4:
      feed(.pause(true))
      oracle.isPaused = true
      schedule(generator.upTo(120_000), .operator)
    default:
      feed(.pause(false))
      oracle.isPaused = false
      oracle.suspended = [:]
      if generator.chance(60) {
        count("files edited")
        world.undeclare(Set(all.filter { _ in generator.chance(25) }))
      }
      feed(.configure(world.configuration()))
    }
  }

  private mutating func moveClock(by milliseconds: Int64) {
    let before = moment.wall
    wallOffset += milliseconds
    oracle.clockMoves(from: before, to: moment.wall)
  }

  /// An operator allows what he sees, and is killed with it before it is done.
  private mutating func allowAndDie(_ id: RunID) {
    count("words cut short")
    drift(of: world.risky)
    oracle.operatorAllows(Set(Risk.allCases), run: id, at: moment)
    feed(.request(RunRequest(id, .apply(digest: nil), allow: Set(Risk.allCases))))
    schedule(200 + generator.upTo(2000), .killOfRun)
  }

  /// While his run lies interrupted, his word grows old, or what he looked at changes.
  private mutating func meanwhile() {
    guard !isQuiet else { return }
    switch Int.random(in: 0..<5, using: &generator) {
    case 0: moveClock(by: 3_700_000)
    case 1: drift(of: world.risky)
    case 2: drift(of: world.declared)
    case 3: world.undeclare(Set(world.declared.filter { _ in generator.chance(25) }))
    default: break
    }
  }

  private mutating func drift(of resources: [ResourceID]) {
    for id in resources { world.actual[id] = Int.random(in: 1...9, using: &generator) }
  }

  private mutating func kill() {
    guard !isQuiet else { return }
    count("kills")
    note("kill -9")
    epoch += 1
    starts += 1
    lanes = [:]
    busy = [:]
    laneOf = [:]
    oracle.killed(disk: disk)
    kernel = Kernel(configuration: world.configuration(), memory: disk, idPrefix: "start\(starts)")
    schedule(5000, .tick)
  }
}

extension KernelEffect {
  fileprivate var isPersist: Bool { if case .persist = self { true } else { false } }
}
