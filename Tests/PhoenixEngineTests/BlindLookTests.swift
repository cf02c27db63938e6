import PhoenixCore
import Testing

/// A system that answers or does not, and wants nothing.
private enum Lamp: SystemModel {
  struct Desired: Codable, Equatable, Sendable {}
  struct Observed: Codable, Equatable, Sendable { var health = SystemHealth.readable }

  static let name = SystemName.nginx
  static func diff(desired: Desired, observed: Observed, facts: Facts, now: WallTime) -> [Change] { [] }
  static func ready(_ resource: ResourceID, desired: Desired, observed: Observed) -> Readiness { .ready }
  static func facts(of observed: Observed) -> [FactKey: Reading<FactValue>] { [:] }
  static func health(of observed: Observed) -> SystemHealth { observed.health }
  static func merge(_ newer: Observed, into older: Observed, scope: ObservationScope) -> Observed { newer }
  static func identities(of observed: Observed) -> [ResourceID: String] { [:] }
  static func route(_ resource: ResourceID, desired: Desired) -> Route { Route(lane: "l", endpoint: "e") }
}

@Suite("When a system is looked at again")
struct BlindLookTests {
  /// The seconds from each look to the next one, by what the looks show.
  private func pauses(_ healths: [SystemHealth]) -> [Int64] {
    var kernel = Kernel(
      configuration: KernelConfiguration(
        systems: [SystemSlot(Compiled(Lamp.Desired(), resources: []), of: Lamp.self)], desiredDigest: "d",
        policy: Policy(), intervals: [.nginx: .seconds(60)], fullInterval: .seconds(3600),
        actionDeadline: .seconds(60)), memory: nil, idPrefix: "t")
    var boot = BootTime(milliseconds: 0)
    var pauses: [Int64] = []
    for health in healths {
      var moment: Moment {
        Moment(wall: WallTime(seconds: 1_800_000_000) + (boot - BootTime(milliseconds: 0)), boot: boot)
      }
      for case .observe(let run, let system) in kernel.handle(.tick, at: moment) {
        let seen = Observation(system, .everything, .seen(Lamp.Observed(health: health)))
        _ = kernel.handle(.observed(run, seen), at: moment)
      }
      guard let wake = kernel.nextWake(at: moment) else { break }
      pauses.append((wake - boot).components.seconds)
      boot = wake
    }
    return pauses
  }

  @Test("After its interval; sooner while it cannot be read, and ever less soon")
  func sooner() {
    let down = SystemHealth.unreadable("refused")
    #expect(pauses([.readable, .readable]) == [60, 60])
    #expect(pauses([down, down, down, down, down, down]) == [5, 10, 20, 40, 60, 60])
    #expect(pauses([down, down, .readable, .partly("one of two"), .readable]) == [5, 10, 60, 5, 60])
  }
}
