/// A moment on the wall clock, in whole milliseconds since 1970. Only certificates, windows and records use it.
public struct WallTime: Hashable, Sendable, Codable, Comparable {
  /// Milliseconds since 1970-01-01T00:00:00Z.
  public let milliseconds: Int64

  /// Creates a moment from milliseconds since 1970.
  public init(milliseconds: Int64) { self.milliseconds = milliseconds }

  /// Creates a moment from seconds since 1970.
  public init(seconds: Int64) { self.milliseconds = seconds * 1000 }

  /// Whole seconds since 1970, rounded down.
  public var seconds: Int64 { milliseconds >= 0 ? milliseconds / 1000 : (milliseconds - 999) / 1000 }

  /// By time.
  public static func < (left: WallTime, right: WallTime) -> Bool { left.milliseconds < right.milliseconds }

  /// A later moment.
  public static func + (time: WallTime, duration: Duration) -> WallTime {
    WallTime(milliseconds: time.milliseconds + duration.wholeMilliseconds)
  }

  /// The time from one moment to another.
  public static func - (later: WallTime, earlier: WallTime) -> Duration {
    .milliseconds(later.milliseconds - earlier.milliseconds)
  }
}

/// A moment on a clock that never jumps back and counts through suspend (CLOCK_BOOTTIME), in milliseconds.
public struct BootTime: Hashable, Sendable, Codable, Comparable {
  /// Milliseconds since boot.
  public let milliseconds: Int64

  /// Creates a moment.
  public init(milliseconds: Int64) { self.milliseconds = milliseconds }

  /// By time.
  public static func < (left: BootTime, right: BootTime) -> Bool { left.milliseconds < right.milliseconds }

  /// A later moment.
  public static func + (time: BootTime, duration: Duration) -> BootTime {
    BootTime(milliseconds: time.milliseconds + duration.wholeMilliseconds)
  }

  /// The time from one moment to another.
  public static func - (later: BootTime, earlier: BootTime) -> Duration {
    .milliseconds(later.milliseconds - earlier.milliseconds)
  }
}

extension Duration {
  /// The duration in whole milliseconds, rounded down.
  public var wholeMilliseconds: Int64 {
    components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
  }
}
