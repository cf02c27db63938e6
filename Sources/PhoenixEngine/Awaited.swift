/// What is under way outside the engine, and when each of it must be back at the latest.
struct Awaited {
  /// What is waited for has a limit of its own, and is given up then; only what does not even end by that is late.
  static let grace = Duration.seconds(30)

  private var deadlines: [Int: Duration] = [:]
  private var count = 0

  /// Something begins.
  ///
  /// - Parameters:
  ///   - limit: How long it may take.
  ///   - now: On a clock that stands still while the machine sleeps.
  /// - Returns: What `end` takes.
  mutating func begin(within limit: Duration, now: Duration) -> Int {
    count += 1
    deadlines[count] = now + limit + Self.grace
    return count
  }

  mutating func end(_ token: Int) { deadlines[token] = nil }

  /// Whether something is not back by now that should be.
  func isLate(now: Duration) -> Bool { deadlines.values.contains { $0 < now } }
}
