import PhoenixCore

/// What happens without the kernel: drift, faults, operators, a clock that moves, a kill.
extension Simulation {
  /// Somebody mends or changes by hand just what is about to be changed.
  mutating func meddle(with resource: ResourceID) {
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

  mutating func disturb() {
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

  mutating func operate() {
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

  mutating func moveClock(by milliseconds: Int64) {
    let before = moment.wall
    wallOffset += milliseconds
    oracle.clockMoves(from: before, to: moment.wall)
  }

  /// An operator allows what he sees, and is killed with it before it is done.
  mutating func allowAndDie(_ id: RunID) {
    count("words cut short")
    drift(of: world.risky)
    oracle.operatorAllows(Set(Risk.allCases), run: id, at: moment)
    feed(.request(RunRequest(id, .apply(digest: nil), allow: Set(Risk.allCases))))
    schedule(200 + generator.upTo(2000), .killOfRun)
  }

  /// While his run lies interrupted, his word grows old, or what he looked at changes.
  mutating func meanwhile() {
    guard !isQuiet else { return }
    switch Int.random(in: 0..<6, using: &generator) {
    case 0: moveClock(by: 3_700_000)
    // It holds when the next start plans, and no more when the turn comes.
    case 5: schedule(5200 + generator.upTo(500), .hourLater)
    case 1: drift(of: world.risky)
    case 2: drift(of: world.declared)
    case 3: world.undeclare(Set(world.declared.filter { _ in generator.chance(25) }))
    default: break
    }
  }

  mutating func drift(of resources: [ResourceID]) {
    for id in resources { world.actual[id] = Int.random(in: 1...9, using: &generator) }
  }

  mutating func kill() {
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
