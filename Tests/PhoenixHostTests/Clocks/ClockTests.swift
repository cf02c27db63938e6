import PhoenixCore
import PhoenixHost
import Testing

@Suite struct ClockTests {
  private static func sample(wall: Int64, boot: Int64, uptime: Int64) -> ClockSample {
    ClockSample(
      wall: WallTime(seconds: 1_800_000_000 + wall), boot: BootTime(milliseconds: boot * 1000),
      uptime: .seconds(uptime))
  }

  /// Seconds by which each clock went on, and what that is.
  @Test(
    arguments: [
      (60, 60, 60, []),
      (0, 0, 0, []),
      (119, 60, 60, []),  // slewed, not set
      (121, 60, 60, [.jumped(by: .seconds(61))]),
      (-3600, 60, 60, [.jumped(by: .seconds(-3660))]),
      (3660, 3660, 60, [.suspended(for: .seconds(3600))]),
      (10, 3660, 60, [.jumped(by: .seconds(-3650)), .suspended(for: .seconds(3600))]),
    ] as [(Int64, Int64, Int64, [ClockEvent])])
  func whatHappenedBetweenTwoLooks(wall: Int64, boot: Int64, uptime: Int64, events: [ClockEvent]) {
    let earlier = Self.sample(wall: 0, boot: 0, uptime: 0)
    #expect(ClockEvent.between(earlier, Self.sample(wall: wall, boot: boot, uptime: uptime)) == events)
  }

  @Test func aWatchTellsEachEventOnce() {
    let clock = ManualClock()
    let events = Lock<[ClockEvent]>([])
    let watch = ClockWatch(clock: clock.clock, tick: .seconds(3600)) { event in
      events.withLock { $0.append(event) }
    }
    clock.advance(by: .seconds(600))
    watch.look()
    clock.jumpWall(by: .seconds(-7200))
    watch.look()
    watch.look()
    clock.suspend(for: .seconds(900))
    watch.look()
    #expect(
      events.withLock { $0 } == [.jumped(by: .seconds(-7200)), .suspended(for: .seconds(900))])
  }

  @Test func aWatchLooksByItself() async {
    let clock = ManualClock()
    let events = Lock<[ClockEvent]>([])
    let watch = ClockWatch(clock: clock.clock, tick: .milliseconds(20)) { event in
      events.withLock { $0.append(event) }
    }
    clock.jumpWall(by: .seconds(3600))
    #expect(await eventually { events.withLock { $0 } == [.jumped(by: .seconds(3600))] })
    withExtendedLifetime(watch) {}
  }

  @Test func theSystemsClocksGoOn() async {
    let clock = HostClock.system
    let (boot, uptime) = (clock.boot(), clock.uptime())
    await clock.sleep(boot + .milliseconds(30))
    #expect(clock.boot() - boot >= .milliseconds(30))
    #expect(clock.uptime() > uptime)
    #expect(clock.wall() > WallTime(seconds: 1_700_000_000))
  }

  @Test func sleepersWakeInTheOrderOfTheirTimes() async {
    let manual = ManualClock()
    let woken = Trace()
    await withTaskGroup(of: Void.self) { group in
      for seconds in [30, 10, 20] {
        group.addTask {
          await manual.clock.sleep(BootTime(milliseconds: Int64(seconds) * 1000))
          woken.add("\(seconds)")
        }
      }
      #expect(await eventually { manual.sleeping == 3 })
      for (left, expected) in [(2, ["10"]), (1, ["10", "20"]), (0, ["10", "20", "30"])] {
        manual.advance(by: .seconds(10))
        #expect(manual.sleeping == left)
        #expect(await eventually { woken.all == expected })
      }
    }
  }

  @Test func aCancelledSleeperWakes() async {
    let manual = ManualClock()
    let sleeper = Task { await manual.clock.sleep(BootTime(milliseconds: 1_000_000)) }
    #expect(await eventually { manual.sleeping == 1 })
    sleeper.cancel()
    await sleeper.value
    #expect(manual.sleeping == 0)
  }
}
