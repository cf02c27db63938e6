/// One piece of work for the queue.
public struct WorkItem: Sendable, Hashable {
  /// What it is: a second of the same key coalesces with the first.
  public let key: String
  /// What it occupies, such as a guest: work of one lane runs one after another.
  public let lane: String
  /// The greater goes first; among equals, the one that came first.
  public let priority: Int
  /// How long it may run before it is cancelled; nil is as long as it takes.
  public let limit: Duration?

  /// Creates a piece of work.
  public init(key: String, lane: String, priority: Int = 0, limit: Duration? = nil) {
    self.key = key
    self.lane = lane
    self.priority = priority
    self.limit = limit
  }
}
