import Synchronization

/// Counts the files that the daemon itself wrote: in steady state the number stands still.
public final class WriteCounter: Sendable {
  private let writes = Atomic<Int>(0)

  /// Creates a counter at 0.
  public init() {}

  /// How many writes there were.
  public var value: Int { writes.load(ordering: .relaxed) }

  /// Counts one more.
  public func count() { writes.add(1, ordering: .relaxed) }
}
