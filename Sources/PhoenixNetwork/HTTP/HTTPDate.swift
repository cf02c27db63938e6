public import PhoenixCore

/// The dates of HTTP: `Mon, 23 Nov 2026 20:44:53 GMT` (RFC 9110, section 5.6.7).
public enum HTTPDate {
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// Reads a date; nil when it is none in the one form that is still sent.
  public static func parse(_ text: String) -> WallTime? {
    let words = text.split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 6, words[0].hasSuffix(","), words[5] == "GMT",
      let day = number(words[1], digits: 2, in: 1...31), let month = months.firstIndex(of: String(words[2])),
      let year = number(words[3], digits: 4, in: 1970...9999)
    else { return nil }
    let clock = words[4].split(separator: ":", omittingEmptySubsequences: false)
    guard clock.count == 3, let hour = number(clock[0], digits: 2, in: 0...23),
      let minute = number(clock[1], digits: 2, in: 0...59),
      let second = number(clock[2], digits: 2, in: 0...60)
    else { return nil }
    let seconds = days(year, month + 1, day) * 86_400 + hour * 3600 + minute * 60 + second
    return WallTime(seconds: Int64(seconds))
  }

  private static func number(
    _ text: some StringProtocol, digits: Int, in range: ClosedRange<Int>
  ) -> Int? {
    guard text.utf8.count == digits, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let number = Int(text), range.contains(number)
    else { return nil }
    return number
  }

  /// Days since 1970-01-01 of a civil date, by Howard Hinnant's algorithm.
  private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let shifted = month <= 2 ? year - 1 : year
    let (era, yearOfEra) = (shifted / 400, shifted % 400)
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}

extension HTTPResponse {
  /// When the server says it answered, to the second; nil when it does not say.
  public var date: WallTime? { headers["date"].flatMap { HTTPDate.parse($0) } }
}
