import PhoenixCore
import PhoenixHost
import Testing

@testable import PhoenixEngine

@Suite(.timeLimit(.minutes(1)))
struct EngineRoundTests {
  private let directory = TemporaryDirectory()

  /// Clocks that go on while whoever sleeps is never woken: as if nobody kept deadlines any more.
  private static func sleepless(_ manual: ManualClock) -> HostClock {
    let clock = manual.clock
    return HostClock(wall: clock.wall, boot: clock.boot, uptime: clock.uptime) { _ in
      while !Task.isCancelled { try? await Task.sleep(for: .milliseconds(5)) }
    }
  }

  private func engine(_ world: Shelf.World, _ clock: HostClock) -> Engine {
    let kernel = KernelConfiguration(
      systems: [Shelf.configured(["a": Shelf.Item(number: 1)])], desiredDigest: "d", policy: Policy(),
      actionDeadline: .seconds(60), onlyOnRequest: true)
    return Engine(
      configuration: EngineConfiguration(kernel: kernel, drivers: [Mounted(Shelf(world: world))]),
      statePath: directory.file("kernel"), clock: clock, sink: { _ in })
  }

  @Test func aPassThatDoesNotEndInTimeIsNoRound() async {
    let manual = ManualClock()
    let world = Shelf.World([:])
    world.state.withLock { $0.isSlow = true }
    let engine = engine(world, Self.sleepless(manual))
    #expect(await engine.round())
    let id = await engine.nextRequestID()
    async let result = engine.run(RunRequest(id, .apply(digest: nil)))
    #expect(await eventually { world.state.withLock(\.begun) == 1 })
    #expect(await engine.round(), "it has its time")
    manual.advance(by: .seconds(80))
    #expect(await engine.round(), "over its time, and in the grace that follows")
    // Nobody gives it up: its deadline is over, and the engine hangs although it takes inputs.
    manual.advance(by: .seconds(30))
    #expect(await !engine.round())
    world.state.withLock { $0.isSlow = false }
    #expect(await result.isSuccess)
    #expect(await engine.round())
    _ = await engine.stop(within: .seconds(5))
  }

  @Test func theQueueDoesRoundsWhileActionsTakeTheirTime() async {
    let world = Shelf.World([:])
    world.state.withLock { $0.isSlow = true }
    let engine = engine(world, .system)
    let id = await engine.nextRequestID()
    async let result = engine.run(RunRequest(id, .apply(digest: nil)))
    #expect(await eventually { world.state.withLock(\.begun) == 1 })
    #expect(await engine.workRound())
    world.state.withLock { $0.isSlow = false }
    #expect(await result.isSuccess)
    _ = await engine.stop(within: .seconds(5))
  }
}
