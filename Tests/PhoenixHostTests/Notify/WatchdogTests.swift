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

  /// A loop that does its rounds only while it is let.
  private final class Loop: Sendable {
    enum Way { case well, hanging, stuck }

    private let way: Lock<Way>
    private let count = Lock(0)

    init(_ way: Way = .well) { self.way = Lock(way) }

    var rounds: Int { count.withLock { $0 } }
    func become(_ way: Way) { self.way.withLock { $0 = way } }

    @Sendable func round() async -> Bool {
      while way.withLock({ $0 == .hanging }) { try? await Task.sleep(for: .milliseconds(1)) }
      guard way.withLock({ $0 == .well }) else { return false }
      count.withLock { $0 += 1 }
      return true
    }
  }

  private func watchdog() -> Watchdog { Watchdog(notify: pings.notify, clock: clock.clock) }

  /// Turns, and lets those who do rounds do them.
  private func turn(_ watchdog: Watchdog, _ loops: Loop..., rounds: Int) async {
    watchdog.turn()
    #expect(await eventually { loops.allSatisfy { $0.rounds == rounds } })
    // The answer comes after the round.
    try? await Task.sleep(for: .milliseconds(50))
  }

  @Test func pingsOnlyWhenEveryLoopHasDoneARoundSinceTheLastPing() async {
    let watchdog = watchdog()
    let (engine, sockets) = (Loop(), Loop())
    watchdog.register("engine", round: engine.round)
    watchdog.register("sockets", round: sockets.round)
    await turn(watchdog, engine, sockets, rounds: 1)
    #expect(pings.value == 0, "nobody had done anything yet")
    await turn(watchdog, engine, sockets, rounds: 2)
    #expect(pings.value == 1)

    sockets.become(.hanging)
    await turn(watchdog, engine, rounds: 3)
    #expect(pings.value == 2, "for the rounds before")
    for _ in 1...3 { watchdog.turn() }
    try? await Task.sleep(for: .milliseconds(50))
    #expect(pings.value == 2)
    #expect(engine.rounds == 3, "one round is enough until the others have done theirs")

    sockets.become(.well)
    #expect(await eventually { sockets.rounds == 3 })
    try? await Task.sleep(for: .milliseconds(50))
    watchdog.turn()
    #expect(pings.value == 3)
  }

  @Test func aLoopThatSaysThatItHangsIsAskedAgain() async {
    let watchdog = watchdog()
    let loop = Loop(.stuck)
    watchdog.register("engine", round: loop.round)
    for _ in 1...5 {
      watchdog.turn()
      try? await Task.sleep(for: .milliseconds(20))
    }
    #expect(pings.value == 0)
    clock.advance(by: .seconds(46))
    #expect(watchdog.late == ["engine"])
    loop.become(.well)
    await turn(watchdog, loop, rounds: 1)
    #expect(watchdog.late == [])
    watchdog.turn()
    #expect(pings.value == 1)
  }

  @Test func suspendIsNoLoopsFault() {
    let watchdog = watchdog()
    watchdog.register("engine", round: Loop(.hanging).round)
    clock.suspend(for: .seconds(3600))
    #expect(watchdog.late == [])
    clock.advance(by: .seconds(46))
    #expect(watchdog.late == ["engine"])
  }

  @Test func anEndedLoopIsForgotten() async {
    let watchdog = watchdog()
    let loop = Loop()
    watchdog.register("engine", round: loop.round)
    let ended = watchdog.register("sockets", round: Loop(.stuck).round)
    await turn(watchdog, loop, rounds: 1)
    clock.advance(by: .seconds(46))
    ended.finish()
    #expect(watchdog.late == ["engine"])
    watchdog.turn()
    #expect(pings.value == 1)
  }

  @Test func withoutLoopsThereIsNothingToPingFor() {
    let watchdog = watchdog()
    watchdog.turn()
    watchdog.turn()
    #expect(pings.value == 0)
  }

  @Test func theTimerPingsUntilALoopHangs() async {
    let watchdog = watchdog()
    let loop = Loop()
    watchdog.register("engine", round: loop.round)
    watchdog.start(interval: .milliseconds(30))
    #expect(await eventually { pings.value >= 3 })
    loop.become(.hanging)
    try? await Task.sleep(for: .milliseconds(50))
    let before = pings.value
    try? await Task.sleep(for: .milliseconds(100))
    #expect(pings.value <= before + 1)  // one may have been on its way
    loop.become(.well)
    #expect(await eventually { pings.value > before + 1 })
  }

  @Test func withoutAServiceManagerItAsksAndPingsNobody() async {
    let watchdog = watchdog()
    let loop = Loop()
    watchdog.register("engine", round: loop.round)
    watchdog.start(interval: nil)
    #expect(await eventually { loop.rounds == 1 })
    watchdog.turn(isPinging: false)
    #expect(pings.value == 0)
  }
}
