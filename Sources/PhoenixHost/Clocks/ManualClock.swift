public import PhoenixCore

/// Clocks that move only when a test or a simulation moves them.
public final class ManualClock: Sendable {
  private struct Sleeper {
    let until: BootTime
    let wake: CheckedContinuation<Void, Never>
  }

  private struct State {
    var wall: WallTime
    var boot: BootTime
    var uptime: Duration
    var sleepers: [Int: Sleeper] = [:]
    var nextSleeper = 0
  }

  private let state: Lock<State>

  /// Creates clocks that stand.
  public init(
    wall: WallTime = WallTime(seconds: 1_800_000_000), boot: BootTime = BootTime(milliseconds: 0)
  ) {
    state = Lock(State(wall: wall, boot: boot, uptime: .zero))
  }

  /// The clocks, to hand to what is tested.
  public var clock: HostClock {
    HostClock(
      wall: { self.state.withLock(\.wall) }, boot: { self.state.withLock(\.boot) },
      uptime: { self.state.withLock(\.uptime) }, sleep: { await self.sleep(until: $0) })
  }

  /// How many tasks wait for the clock to move.
  public var sleeping: Int { state.withLock { $0.sleepers.count } }

  /// Lets time go by on all clocks, and wakes whoever slept until then.
  public func advance(by duration: Duration) {
    move { state in
      state.wall = state.wall + duration
      state.boot = state.boot + duration
      state.uptime += duration
    }
  }

  /// Lets the machine be suspended for a while: all clocks but `uptime` go on.
  public func suspend(for duration: Duration) {
    move { state in
      state.wall = state.wall + duration
      state.boot = state.boot + duration
    }
  }

  /// Sets the wall clock forward, or back when negative.
  public func jumpWall(by duration: Duration) {
    move { $0.wall = $0.wall + duration }
  }

  private func move(_ change: (inout State) -> Void) {
    let awake = state.withLock { state in
      change(&state)
      let due = state.sleepers.filter { $0.value.until <= state.boot }
      for key in due.keys { state.sleepers[key] = nil }
      return due.sorted { ($0.value.until, $0.key) < ($1.value.until, $1.key) }.map(\.value.wake)
    }
    for wake in awake { wake.resume() }
  }

  private func sleep(until: BootTime) async {
    let id = state.withLock { state in
      state.nextSleeper += 1
      return state.nextSleeper
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let now = state.withLock { state in
          guard until > state.boot, !Task.isCancelled else { return true }
          state.sleepers[id] = Sleeper(until: until, wake: continuation)
          return false
        }
        if now { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.sleepers.removeValue(forKey: id) }?.wake.resume()
    }
  }
}
