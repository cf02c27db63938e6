import PhoenixCore

/// How often something may be asked for: a few times at once, then at a steady rate.
struct RateLimit: Hashable, Sendable {
  private let burst: Int
  private let interval: Duration
  /// When as many as `burst` may be asked for again.
  private var full: BootTime

  /// Creates a limit.
  ///
  /// - Parameters:
  ///   - burst: How many may be asked for at once.
  ///   - interval: How long it takes until one more may.
  init(burst: Int, interval: Duration) {
    self.burst = burst
    self.interval = interval
    full = BootTime(milliseconds: 0)
  }

  /// Takes one, if there is one. Returns how long to wait otherwise.
  mutating func take(at now: BootTime) -> Duration? {
    let next = max(full, now) + interval
    let excess = (next - now) - interval * burst
    guard excess <= .zero else { return excess }
    full = next
    return nil
  }
}
