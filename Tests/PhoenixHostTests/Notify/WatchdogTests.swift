import PhoenixCore
import Testing

@testable import PhoenixHost

@Suite struct WatchdogTests {
  private let clock = ManualClock()
  private let pings = Pings()

  private final class Pings: Sendable {
    private let count = Lock(0)
    var notify: Notify { Notify { text in if text == "WATCHDOG=1" { self.count.withLock { $0 += 1 } } } }
    var value: Int { count.withLock { $0 } }
  }

  private func watchdog() -> Watchdog { Watchdog(notify: pings.notify, clock: clock.clock) }

  @Test func pingsOnlyWhileEveryLoopMeetsItsDeadline() {
    let watchdog = watchdog()
    let passes = watchdog.register("passes", allowance: .seconds(30))
    let control = watchdog.register("control", allowance: .seconds(10))
    watchdog.pingWhenWell()
    #expect(pings.value == 1)
    clock.advance(by: .seconds(11))
    passes.progress()
    #expect(watchdog.late == ["control"])
    watchdog.pingWhenWell()
    #expect(pings.value == 1)
    control.progress()
    watchdog.pingWhenWell()
    #expect(pings.value == 2)
  }

  @Test func aLoopMaySayThatItSleepsLong() {
    let watchdog = watchdog()
    let loop = watchdog.register("passes", allowance: .seconds(30))
    loop.progress(next: .seconds(660))
    clock.advance(by: .seconds(600))
    #expect(watchdog.late == [])
    loop.progress()
    clock.advance(by: .seconds(31))
    #expect(watchdog.late == ["passes"])
  }

  @Test func suspendIsNoLoopsFault() {
    let watchdog = watchdog()
    _ = watchdog.register("passes", allowance: .seconds(30))
    clock.suspend(for: .seconds(3600))
    #expect(watchdog.late == [])
  }

  @Test func anEndedLoopIsForgotten() {
    let watchdog = watchdog()
    let loop = watchdog.register("reload", allowance: .seconds(1))
    clock.advance(by: .seconds(5))
    loop.finish()
    #expect(watchdog.late == [])
    loop.progress()
    #expect(watchdog.late == [])
  }

  @Test func theTimerPingsUntilALoopIsLate() async {
    let watchdog = watchdog()
    let loop = watchdog.register("passes", allowance: .seconds(30))
    watchdog.start(interval: .milliseconds(30))
    #expect(await eventually { pings.value >= 3 })
    clock.advance(by: .seconds(31))
    let before = pings.value
    try? await Task.sleep(for: .milliseconds(100))
    #expect(pings.value <= before + 1)  // one may have been on its way
    loop.progress()
    #expect(await eventually { pings.value > before + 1 })
  }
}
