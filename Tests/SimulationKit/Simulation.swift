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
  enum Happening {
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
    case hourLater
    case quiet
  }

  enum ActionKind {
    case look(only: ResourceID)
    case silence(ResourceID)
    case waited
    case failed(Failure, of: Change)
    case cancelled
  }

  let seed: UInt64
  var generator: SeededGenerator
  var world: SimulatedWorld
  var kernel: Kernel
  var disk: KernelMemory?
  var isDiskFull = false
  var epoch = 0
  var starts = 0

  var now: Int64 = 0
  var wallOffset: Int64 = 1_800_000_000_000
  var queue: [(time: Int64, order: Int, what: Happening)] = []
  var order = 0
  var isQuiet = false
  var timer: Int64?

  var lanes: [String: [(ResourceID, Int)]] = [:]
  var busy: [String: ResourceID] = [:]
  var laneOf: [ResourceID: String] = [:]

  var oracle: Oracle
  var trace: [String] = []
  let keepsTrace: Bool
  var counts: [String: Int] = [:]

  static let chaos: Int64 = 15 * 60_000
  static let calm: Int64 = 80 * 60_000

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

  var moment: Moment {
    Moment(wall: WallTime(milliseconds: wallOffset + now), boot: BootTime(milliseconds: now))
  }

  mutating func note(_ text: @autoclosure () -> String) {
    if keepsTrace { trace.append("\(now) \(text())") }
  }

  mutating func count(_ what: String) { counts[what, default: 0] += 1 }

  mutating func schedule(_ delay: Int64, _ what: Happening) {
    order += 1
    queue.append((now + delay, order, what))
  }

  // MARK: - The course of a seed

  mutating func play() {
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

  mutating func run(until end: Int64) {
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

  func nextIndex() -> Int? {
    queue.indices.min { (queue[$0].time, queue[$0].order) < (queue[$1].time, queue[$1].order) }
  }

  mutating func happen(_ what: Happening) {
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
    case .hourLater: moveClock(by: 3_700_000)
    case .quiet: calmDown()
    default: break  // The process that waited for it was killed.
    }
  }

  mutating func calmDown() {
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
}
