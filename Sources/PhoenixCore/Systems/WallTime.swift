/// A moment on the wall clock, in whole milliseconds since 1970. Only certificates, windows and records use it.
public struct WallTime: Hashable, Sendable, Codable, Comparable {
  /// Milliseconds since 1970-01-01T00:00:00Z.
  public let milliseconds: Int64

  /// As far from 1970 as arithmetic goes; moments come from files, certificates and requests.
  private static let farthest = Int64.max / 4

  /// Creates a moment from milliseconds since 1970.
  public init(milliseconds: Int64) { self.milliseconds = milliseconds }

  /// Creates a moment from seconds since 1970; beyond what milliseconds can count, the last one that they can.
  public init(seconds: Int64) {
    let (milliseconds, isTooFar) = seconds.multipliedReportingOverflow(by: 1000)
    self.milliseconds = isTooFar ? (seconds < 0 ? -Self.farthest : Self.farthest) : milliseconds
  }

  /// Whole seconds since 1970, rounded down.
  public var seconds: Int64 { milliseconds >= 0 ? milliseconds / 1000 : (milliseconds - 999) / 1000 }

  /// By time.
  public static func < (left: WallTime, right: WallTime) -> Bool { left.milliseconds < right.milliseconds }

  /// A later moment.
  public static func + (time: WallTime, duration: Duration) -> WallTime {
    let (sum, isTooFar) = time.milliseconds.addingReportingOverflow(duration.wholeMilliseconds)
    return WallTime(milliseconds: isTooFar ? (sum < 0 ? farthest : -farthest) : sum)
  }

  /// The time from one moment to another.
  public static func - (later: WallTime, earlier: WallTime) -> Duration {
    let (time, isTooFar) = later.milliseconds.subtractingReportingOverflow(earlier.milliseconds)
    return .milliseconds(isTooFar ? (time < 0 ? farthest : -farthest) : time)
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

extension WallTime {
  /// The moment as `2026-11-23T04:05:06Z`.
  public var utcText: String {
    let days = (seconds - seconds.modulo(86_400)) / 86_400
    let clock = seconds.modulo(86_400)
    // Days to a civil date, by Howard Hinnant's algorithm: eras of 400 years from 0000-03-01.
    let shifted = days + 719_468
    let era = (shifted - shifted.modulo(146_097)) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return
      "\(year)-\(two(month))-\(two(day))T\(two(clock / 3600)):\(two(clock / 60 % 60)):\(two(clock % 60))Z"
  }
}

extension Int64 {
  fileprivate func modulo(_ divisor: Int64) -> Int64 {
    let remainder = self % divisor
    return remainder < 0 ? remainder + divisor : remainder
  }
}
