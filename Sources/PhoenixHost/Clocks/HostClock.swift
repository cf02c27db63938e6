import Glibc
public import PhoenixCore

/// The machine's clocks, as values that a test can replace.
///
/// Deadlines and intervals count on `boot`, a process's own liveness on `uptime`, and only certificates,
/// windows and records look at `wall`.
public struct HostClock: Sendable {
  /// The wall clock. It can jump.
  public let wall: @Sendable () -> WallTime
  /// CLOCK_BOOTTIME: never jumps back, goes on through suspend.
  public let boot: @Sendable () -> BootTime
  /// CLOCK_MONOTONIC: stands still in suspend; since an arbitrary moment.
  public let uptime: @Sendable () -> Duration
  /// Waits until a moment on `boot`; ends early, without an error, when the task is cancelled.
  public let sleep: @Sendable (_ until: BootTime) async -> Void

  /// Creates a set of clocks.
  public init(
    wall: @escaping @Sendable () -> WallTime, boot: @escaping @Sendable () -> BootTime,
    uptime: @escaping @Sendable () -> Duration,
    sleep: @escaping @Sendable (_ until: BootTime) async -> Void
  ) {
    self.wall = wall
    self.boot = boot
    self.uptime = uptime
    self.sleep = sleep
  }

  /// The clocks of this machine.
  public static let system = HostClock(
    wall: { WallTime(milliseconds: read(CLOCK_REALTIME).wholeMilliseconds) },
    boot: { BootTime(milliseconds: read(CLOCK_BOOTTIME).wholeMilliseconds) },
    uptime: { read(CLOCK_MONOTONIC) },
    sleep: { until in
      let left = until - BootTime(milliseconds: read(CLOCK_BOOTTIME).wholeMilliseconds)
      guard left > .zero else { return }
      try? await Task.sleep(for: left, clock: .continuous)
    })

  private static func read(_ clock: clockid_t) -> Duration {
    var time = timespec()
    clock_gettime(clock, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }
}
