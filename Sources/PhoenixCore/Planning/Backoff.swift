/// How long to leave something alone that failed.
public struct Backoff: Hashable, Sendable, Codable {
  /// The delay after the first failure.
  public var first: Duration
  /// The longest delay.
  public var limit: Duration

  /// Creates a rule; 2 s doubling to at most 5 min unless told.
  public init(first: Duration = .seconds(2), limit: Duration = .seconds(300)) {
    self.first = first
    self.limit = limit
  }

  /// Returns the delay before retry number `attempt`.
  ///
  /// - Parameters:
  ///   - attempt: 1 for the first retry.
  ///   - jitter: Fraction in `0..<1`, a hash of the resource, so that this stays pure.
  /// - Returns: `first` doubling to at most `limit`, less up to a fifth by `jitter`.
  public func delay(attempt: Int, jitter: Double) -> Duration {
    let doublings = min(max(attempt, 1) - 1, 30)
    let full = min(first * (1 << doublings), limit)
    return full - full * (min(max(jitter, 0), 1) / 5)
  }
}
