public import PhoenixCore

/// The clocks read at one moment.
public struct ClockSample: Hashable, Sendable {
  /// The wall clock.
  public let wall: WallTime
  /// CLOCK_BOOTTIME.
  public let boot: BootTime
  /// CLOCK_MONOTONIC.
  public let uptime: Duration

  /// Creates a sample.
  public init(wall: WallTime, boot: BootTime, uptime: Duration) {
    self.wall = wall
    self.boot = boot
    self.uptime = uptime
  }

  /// Reads the clocks.
  public init(of clock: HostClock) {
    self.init(wall: clock.wall(), boot: clock.boot(), uptime: clock.uptime())
  }
}

/// Something that happened to the clocks between two samples.
public enum ClockEvent: Hashable, Sendable {
  /// The wall clock was set: forward, or back when negative.
  case jumped(by: Duration)
  /// The machine was suspended.
  case suspended(for: Duration)

  /// What happened between two samples, where it is more than a threshold.
  ///
  /// - Parameters:
  ///   - earlier: The first sample.
  ///   - later: The second.
  ///   - threshold: What is not worth telling: slewing, rounding.
  /// - Returns: At most one event of each kind.
  public static func between(
    _ earlier: ClockSample, _ later: ClockSample, threshold: Duration = .seconds(60)
  ) -> [ClockEvent] {
    let wall = later.wall - earlier.wall
    let boot = later.boot - earlier.boot
    let jump = wall - boot
    let suspend = boot - (later.uptime - earlier.uptime)
    var events: [ClockEvent] = []
    if jump > threshold || jump < .zero - threshold { events.append(.jumped(by: jump)) }
    if suspend > threshold { events.append(.suspended(for: suspend)) }
    return events
  }
}
