import Glibc
import PhoenixCore

/// The machine's time zone, for maintenance windows.
enum LocalZone {
  /// Seconds that local time is ahead of UTC at a moment.
  static func offset(at time: WallTime) -> Int {
    var seconds = time_t(time.seconds)
    var parts = tm()
    guard localtime_r(&seconds, &parts) != nil else { return 0 }
    return parts.tm_gmtoff
  }
}
