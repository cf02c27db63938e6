/// Whether an endpoint that keeps failing is asked again.
///
/// Closed: asked. Open: left alone until a moment, then half-open: asked again, and a single failure opens it.
public struct Circuit: Hashable, Sendable, Codable {
  /// Failures in a row that open it.
  static let threshold = 3
  private static let backoff = Backoff(first: .seconds(15), limit: .seconds(300))

  private(set) var failures = 0
  private(set) var openUntil: BootTime?

  /// Creates a closed circuit.
  public init() {}

  /// Whether an action may use the endpoint now.
  public func allows(at now: BootTime) -> Bool { openUntil.map { $0 <= now } ?? true }

  /// Whether it is open or half-open.
  public var isTripped: Bool { openUntil != nil }

  /// Counts a transient failure.
  ///
  /// - Parameters:
  ///   - now: The moment of the failure.
  ///   - jitter: Fraction in `0..<1`, a hash of the endpoint.
  /// - Returns: Whether this failure opened the circuit.
  mutating func fail(at now: BootTime, jitter: Double) -> Bool {
    failures += 1
    guard failures >= Self.threshold else { return false }
    let wasOpen = openUntil != nil
    openUntil = now + Self.backoff.delay(attempt: failures - Self.threshold + 1, jitter: jitter)
    return !wasOpen
  }

  /// Counts a success. Returns whether it closed an open circuit.
  mutating func succeed() -> Bool {
    let wasOpen = openUntil != nil
    failures = 0
    openUntil = nil
    return wasOpen
  }
}
