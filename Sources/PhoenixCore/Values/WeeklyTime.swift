/// Days and times of maintenance windows.
enum WeeklyTime {
  /// Reads `02:00`.
  ///
  /// - Parameter text: Two digits, a colon and two digits.
  /// - Returns: Minutes since midnight, 0...1439; nil for anything else.
  static func minutes(_ text: some StringProtocol) -> Int? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let hour = twoDigits(parts[0]), let minute = twoDigits(parts[1]), hour < 24,
      minute < 60
    else { return nil }
    return hour * 60 + minute
  }

  private static func twoDigits(_ text: some StringProtocol) -> Int? {
    text.utf8.count == 2 && text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
  }

  /// Reads `Sat`, `Mon-Fri`, `Sat,Sun`, `Sat-Mon`, as systemd's calendar does.
  ///
  /// - Parameter text: English names of three letters, in any case.
  /// - Returns: The days, 0 for Sunday; nil when one is none.
  static func days(_ text: some StringProtocol) -> Set<Int>? {
    var days: Set<Int> = []
    for part in String(text).parts(between: ",") {
      let ends = part.trimmed.parts(between: "-").map { names.firstIndex(of: $0.lowercased()) }
      guard (1...2).contains(ends.count), let first = ends.first ?? nil, let last = ends.last ?? nil else {
        return nil
      }
      for offset in 0...(last - first + 7) % 7 { days.insert((first + offset) % 7) }
    }
    return days
  }

  private static let names = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
}
