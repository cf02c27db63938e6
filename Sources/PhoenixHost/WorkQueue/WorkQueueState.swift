public import PhoenixCore

/// What a work queue decides: which item may run when. A value without clocks, threads or closures.
///
/// An item waits, then runs, then is gone. One that is submitted while its key waits coalesces with it; one that
/// is submitted while its key runs is remembered, and waits as soon as that run ends.
public struct WorkQueueState: Sendable {
  /// What became of a submission.
  public enum Submission: Hashable, Sendable {
    /// It waits for its turn.
    case queued
    /// Its key waits already; it takes the greater priority of both.
    case coalesced
    /// Its key runs just now, and will run once more.
    case again
    /// The queue is draining, and takes nothing new.
    case refused
  }

  /// What became of a cancellation.
  public enum Cancellation: Hashable, Sendable {
    /// It waited, and is gone.
    case removed
    /// It runs: its run must be told, and it will not run again.
    case running
    /// There is no such key.
    case unknown
  }

  private struct Waiting {
    var item: WorkItem
    let turn: Int
  }

  private struct Running {
    let item: WorkItem
    let deadline: BootTime?
    var again: WorkItem?
    var expired = false
  }

  /// How many items may run at once.
  public let width: Int
  /// Whether nothing new is started.
  public private(set) var isPaused = false
  /// Whether nothing new is taken.
  public private(set) var isDraining = false

  private var waiting: [String: Waiting] = [:]
  private var running: [String: Running] = [:]
  private var busyLanes: Set<String> = []
  private var nextTurn = 0

  /// Creates an empty queue.
  ///
  /// - Parameter width: How many items may run at once; at least 1.
  public init(width: Int) { self.width = max(1, width) }

  /// Whether nothing waits and nothing runs.
  public var isIdle: Bool { waiting.isEmpty && running.isEmpty }
  /// Whether something waits although nothing runs that it could wait for.
  public var isStuck: Bool { !waiting.isEmpty && running.isEmpty && !isPaused }
  /// The keys that run, in alphabetical order.
  public var runningKeys: [String] { running.keys.sorted() }
  /// The keys that wait, in the order in which they would be taken.
  public var waitingKeys: [String] { inOrder.map(\.item.key) }

  /// Takes an item.
  public mutating func submit(_ item: WorkItem) -> Submission {
    guard !isDraining else { return .refused }
    if let run = running[item.key] {
      running[item.key]?.again = run.again.map { Self.stronger($0, item) } ?? item
      return .again
    }
    if let before = waiting[item.key] {
      waiting[item.key]?.item = Self.stronger(before.item, item)
      return .coalesced
    }
    enqueue(item)
    return .queued
  }

  /// Starts whatever may run now.
  ///
  /// - Parameter now: The moment from which limits count.
  /// - Returns: The items to run, each of which ends with `finish`.
  public mutating func start(now: BootTime) -> [WorkItem] {
    guard !isPaused, running.count < width, !waiting.isEmpty else { return [] }
    var started: [WorkItem] = []
    for next in inOrder {
      guard running.count < width else { break }
      guard busyLanes.insert(next.item.lane).inserted else { continue }
      waiting[next.item.key] = nil
      running[next.item.key] = Running(item: next.item, deadline: next.item.limit.map { now + $0 })
      started.append(next.item)
    }
    return started
  }

  /// Notes that a run has ended.
  public mutating func finish(_ key: String) {
    guard let run = running.removeValue(forKey: key) else { return }
    busyLanes.remove(run.item.lane)
    if let again = run.again, !isDraining { enqueue(again) }
  }

  /// Takes an item back.
  public mutating func cancel(_ key: String) -> Cancellation {
    if waiting.removeValue(forKey: key) != nil { return .removed }
    guard running[key] != nil else { return .unknown }
    running[key]?.again = nil
    return .running
  }

  /// Runs whose limit is over, each told once. They run until they end by themselves.
  public mutating func expire(now: BootTime) -> [String] {
    let over = running.values.filter { run in
      guard !run.expired, let deadline = run.deadline else { return false }
      return deadline <= now
    }
    for run in over { running[run.item.key]?.expired = true }
    return over.map(\.item.key).sorted()
  }

  /// When a run's limit is over next.
  public var nextDeadline: BootTime? {
    running.values.compactMap { $0.expired ? nil : $0.deadline }.min()
  }

  /// Starts nothing until `resume`; what runs goes on, what comes waits.
  public mutating func pause() { isPaused = true }

  /// Starts again.
  public mutating func resume() { isPaused = false }

  /// Takes nothing new any more, and forgets what waits; the queue is idle when what runs has ended.
  ///
  /// - Returns: What waited.
  public mutating func drain() -> [String] {
    isDraining = true
    let forgotten = waitingKeys
    waiting = [:]
    for key in running.keys { running[key]?.again = nil }
    return forgotten
  }

  private mutating func enqueue(_ item: WorkItem) {
    nextTurn += 1
    waiting[item.key] = Waiting(item: item, turn: nextTurn)
  }

  private var inOrder: [Waiting] {
    waiting.values.sorted { ($1.item.priority, $0.turn) < ($0.item.priority, $1.turn) }
  }

  /// The newer submission, with the greater priority of both.
  private static func stronger(_ before: WorkItem, _ newer: WorkItem) -> WorkItem {
    WorkItem(
      key: newer.key, lane: newer.lane, priority: max(before.priority, newer.priority), limit: newer.limit)
  }
}
