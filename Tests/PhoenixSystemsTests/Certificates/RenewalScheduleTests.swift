import PhoenixCore
import Testing

@testable import PhoenixSystems

@Suite("When certificates are renewed")
struct RenewalScheduleTests {
  private static let start = WallTime(seconds: 1_800_000_000)

  private func schedule(_ serial: String, life: Int64) -> RenewalSchedule {
    RenewalSchedule(
      name: "nginx.internal.example", serial: serial, notBefore: Self.start,
      notAfter: Self.start + .seconds(life))
  }

  @Test(
    "Between two thirds less a twentieth and two thirds of its life", arguments: [86_460, 360, 7_776_000])
  func window(life: Int64) {
    for serial in (0..<200).map({ String($0, radix: 16) }) {
      let due = schedule(serial, life: life).due - Self.start
      #expect(due <= .milliseconds(life * 1000 * 2 / 3))
      #expect(due > .milliseconds(life * 1000 * 2 / 3 - life * 50))
    }
  }

  /// Fixed figures: a restart, or another version, must not roll the dice again.
  @Test(
    "To the second, and the same for ever",
    arguments: [("5f", 54_234), ("60", 55_150), ("a1b2c3", 56_753)] as [(String, Int64)])
  func figures(serial: String, seconds: Int64) {
    #expect((schedule(serial, life: 86_460).due - Self.start).components.seconds == seconds)
  }

  @Test("Certificates that were issued together are not renewed together")
  func spread() {
    let moments = (0..<100).map { schedule(String($0, radix: 16), life: 86_460).due.seconds }
    #expect(Set(moments).count > 90)
    let hour = moments.sorted()
    #expect((hour.last ?? 0) - (hour.first ?? 0) > 3600)
  }

  @Test(
    "Stages begin on time",
    arguments: [
      (0, RenewalSchedule.Stage.waiting), (53_000, .waiting), (57_640, .due), (82_136, .due),
      (82_137, .emergency),
      (86_459, .emergency), (86_460, .expired), (1_000_000, .expired),
    ] as [(Int64, RenewalSchedule.Stage)])
  func stages(second: Int64, stage: RenewalSchedule.Stage) {
    #expect(schedule("5f", life: 86_460).stage(at: Self.start + .seconds(second)) == stage)
  }

  @Test("The next moment is always in the future, until there is none")
  func next() {
    let schedule = schedule("5f", life: 86_460)
    #expect(schedule.next(after: Self.start) == schedule.due)
    #expect(schedule.next(after: schedule.due) == schedule.emergency)
    #expect(schedule.next(after: schedule.emergency) == schedule.expiry)
    #expect(schedule.next(after: schedule.expiry) == nil)
  }

  @Test("A life that is none is over")
  func nonsense() {
    let schedule = schedule("5f", life: -100)
    #expect(schedule.stage(at: Self.start) == .expired)
  }
}
