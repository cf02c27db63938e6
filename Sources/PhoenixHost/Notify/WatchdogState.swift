/// Which loops met their deadlines.
struct WatchdogState: Sendable {
  private struct Loop {
    let name: String
    let allowance: Duration
    var deadline: Duration
  }

  private var loops: [Int: Loop] = [:]
  private var nextID = 0

  mutating func register(_ name: String, allowance: Duration, now: Duration) -> Int {
    nextID += 1
    loops[nextID] = Loop(name: name, allowance: allowance, deadline: now + allowance)
    return nextID
  }

  /// The loop moved on; its next sign of life is due after `next`, or its usual allowance.
  mutating func progress(_ id: Int, next: Duration?, now: Duration) {
    guard let loop = loops[id] else { return }
    loops[id]?.deadline = now + (next ?? loop.allowance)
  }

  mutating func remove(_ id: Int) { loops[id] = nil }

  /// The loops that are overdue, by name.
  func late(now: Duration) -> [String] {
    loops.values.filter { $0.deadline < now }.map(\.name).sorted()
  }
}
