import PhoenixCore
import Testing

/// A system that answers or does not, and wants nothing.
private enum Lamp: SystemModel {
  struct Desired: Codable, Equatable, Sendable {}
  struct Observed: Codable, Equatable, Sendable {
    var health = SystemHealth.readable
    var isInMotion = false
  }

  static let name = SystemName.nginx
  static func diff(desired: Desired, observed: Observed, facts: Facts, now: WallTime) -> [Change] { [] }
  static func ready(_ resource: ResourceID, desired: Desired, observed: Observed) -> Readiness { .ready }
  static func facts(of observed: Observed) -> [FactKey: Reading<FactValue>] { [:] }
  static func health(of observed: Observed) -> SystemHealth { observed.health }
  static func isInMotion(desired: Desired, observed: Observed) -> Bool { observed.isInMotion }
  static func merge(_ newer: Observed, into older: Observed, scope: ObservationScope) -> Observed { newer }
  static func identities(of observed: Observed) -> [ResourceID: String] { [:] }
  static func route(_ resource: ResourceID, desired: Desired) -> Route { Route(lane: "l", endpoint: "e") }
}

@Suite("When a pass begins")
struct PassScheduleTests {
  /// A kernel with one system, whose looks are answered at once.
  private struct Stand {
    private var kernel = Kernel(
      configuration: KernelConfiguration(
        systems: [SystemSlot(Compiled(Lamp.Desired(), resources: []), of: Lamp.self)], desiredDigest: "d",
        policy: Policy(), intervals: [.nginx: .seconds(60)], fullInterval: .seconds(3600),
        actionDeadline: .seconds(60)), memory: nil, idPrefix: "t")
    /// Seconds since the start.
    private(set) var now: Int64 = 0
    var health = SystemHealth.readable
    var isInMotion = false
    /// What began so far: `pass` or `plan`, and when.
    private(set) var runs: [String] = []

    private var moment: Moment {
      Moment(wall: WallTime(seconds: 1_800_000_000 + now), boot: BootTime(milliseconds: now * 1000))
    }

    /// What is to be answered before anything else happens.
    private var asked: [(RunID, SystemName)] = []

    mutating func feed(_ input: KernelInput, isAnswered: Bool = true) {
      for effect in kernel.handle(input, at: moment) {
        switch effect {
        case .observe(let run, let system): asked.append((run, system))
        case .tell(let event):
          if case .runStarted(let request) = event.kind {
            runs.append("\(request.purpose == .plan ? "plan" : "pass") \(now)")
          }
        default: break
        }
      }
      if isAnswered { answer() }
    }

    mutating func answer() {
      while let (run, system) = asked.popLast() {
        feed(
          .observed(
            run,
            Observation(system, .everything, .seen(Lamp.Observed(health: health, isInMotion: isInMotion)))))
      }
    }

    /// Seconds until the kernel wants to be woken.
    var pause: Int64? { kernel.nextWake(at: moment).map { ($0 - moment.boot).components.seconds } }

    mutating func wait(_ seconds: Int64) {
      now += seconds
      feed(.tick)
    }
  }

  /// The seconds from each pass to the next one, by what the passes see.
  private func pauses(_ healths: [SystemHealth]) -> [Int64] {
    var stand = Stand()
    return healths.map { health in
      stand.health = health
      stand.wait(stand.pause ?? 0)
      return stand.pause ?? 0
    }
  }

  @Test("After its interval; sooner while it cannot be read")
  func sooner() {
    let down = SystemHealth.unreadable("refused")
    #expect(pauses([.readable, .readable]) == [60, 60])
    #expect(pauses([down, down, down, down]) == [5, 10, 10, 10])
    #expect(pauses([down, down, .readable, .partly("one of two"), .readable]) == [5, 10, 60, 5, 60])
  }

  @Test("Sooner, too, while something is on its way")
  func inMotion() {
    var stand = Stand()
    let pauses = [false, true, true, true, true, false].map { isInMotion -> Int64 in
      stand.isInMotion = isInMotion
      stand.wait(stand.pause ?? 0)
      return stand.pause ?? 0
    }
    #expect(pauses == [60, 5, 10, 10, 10, 60])
  }

  @Test("Whoever plans again and again does not put it off")
  func plans() {
    var stand = Stand()
    stand.wait(0)
    for number in 1...13 {
      stand.wait(5)
      stand.feed(.request(RunRequest(RunID("p\(number)"), .plan)))
    }
    #expect(stand.runs.filter { $0.hasPrefix("pass") } == ["pass 0", "pass 60"])
    #expect(stand.runs.count { $0.hasPrefix("plan") } == 13)
  }

  @Test("A pass that is due goes before the second of those who ask, however many wait")
  func queue() {
    var stand = Stand()
    stand.wait(0)
    stand.wait(59)
    // The first is under way while the others come, and while the pass falls due.
    stand.feed(.request(RunRequest(RunID("a"), .plan)), isAnswered: false)
    stand.feed(.request(RunRequest(RunID("b"), .plan)), isAnswered: false)
    stand.feed(.request(RunRequest(RunID("c"), .plan)), isAnswered: false)
    stand.wait(1)
    #expect(stand.runs == ["pass 0", "plan 59", "pass 60", "plan 60", "plan 60"])
  }
}
