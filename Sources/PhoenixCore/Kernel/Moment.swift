/// Now, on every clock that decisions look at.
public struct Moment: Hashable, Sendable {
  /// The wall clock: certificates, windows, records.
  public let wall: WallTime
  /// The clock that never jumps: intervals, backoff, deadlines.
  public let boot: BootTime
  /// Seconds that local time is ahead of UTC, for maintenance windows.
  public let utcOffset: Int

  /// Creates a moment.
  public init(wall: WallTime, boot: BootTime, utcOffset: Int = 0) {
    self.wall = wall
    self.boot = boot
    self.utcOffset = utcOffset
  }

  private var localSeconds: Int64 { wall.seconds + Int64(utcOffset) }

  /// Day of the week in local time, 0 for Sunday.
  var localWeekday: Int {
    let days = localSeconds.quotientRoundedDown(by: 86_400)
    return Int((days + 4).remainderNotNegative(by: 7))  // 1970-01-01 was a Thursday
  }

  /// Minutes after local midnight.
  var localMinute: Int { Int(localSeconds.remainderNotNegative(by: 86_400) / 60) }
}

extension Int64 {
  fileprivate func remainderNotNegative(by divisor: Int64) -> Int64 {
    let remainder = self % divisor
    return remainder < 0 ? remainder + divisor : remainder
  }

  fileprivate func quotientRoundedDown(by divisor: Int64) -> Int64 {
    (self - remainderNotNegative(by: divisor)) / divisor
  }
}
