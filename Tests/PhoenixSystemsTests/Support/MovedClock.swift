import PhoenixCore
import PhoenixHost

/// The machine's clocks, with a wall clock that a test sets off by some time.
final class MovedClock: Sendable {
  private let offset = Lock(Duration.zero)

  var clock: HostClock {
    HostClock(
      wall: { self.now }, boot: HostClock.system.boot, uptime: HostClock.system.uptime,
      sleep: HostClock.system.sleep)
  }

  var now: WallTime { HostClock.system.wall() + offset.withLock { $0 } }

  /// Sets the wall clock off from the machine's.
  func set(off by: Duration) { offset.withLock { $0 = by } }
}
