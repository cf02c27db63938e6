import PhoenixCore

/// How many requests were made, and how long they took, by label: what metrics show.
public final class RequestCounters: Sendable {
  /// The counts under one label, since the start of the process.
  public struct Counts: Sendable, Hashable {
    /// All requests that ended, however they ended.
    public internal(set) var requests = 0
    /// Those among them that can change something on the other side.
    public internal(set) var mutations = 0
    /// Those among them that brought no answer.
    public internal(set) var transportErrors = 0
    /// Those among them that were answered with a status of 400 or above.
    public internal(set) var refusals = 0
    /// The time they took together.
    public internal(set) var total = Duration.zero
    /// How many took no longer than the bound of the same position in `RequestCounters.bounds`.
    public internal(set) var buckets = [Int](repeating: 0, count: RequestCounters.bounds.count)
  }

  /// The bounds of the latency buckets.
  public static let bounds: [Duration] =
    [5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000].map { .milliseconds($0) }

  private let counts = Lock<[String: Counts]>([:])

  /// Creates counters that all stand at zero.
  public init() {}

  /// The counts by label.
  public var snapshot: [String: Counts] { counts.withLock { $0 } }

  /// Counts one request; `status` is nil when no answer came.
  func record(label: String, mutating: Bool, status: Int?, took: Duration) {
    counts.withLock { counts in
      var count = counts[label, default: Counts()]
      count.requests += 1
      if mutating { count.mutations += 1 }
      if let status { if status >= 400 { count.refusals += 1 } } else { count.transportErrors += 1 }
      count.total += took
      for (index, bound) in Self.bounds.enumerated() where took <= bound { count.buckets[index] += 1 }
      counts[label] = count
    }
  }
}
