/// Which loops have done a round since the last ping, and since when the others have not.
struct WatchdogState: Sendable {
  private struct Loop {
    let name: String
    var isAsked = false
    /// Whether it has done a round since the last ping.
    var isDone = false
    /// When it last did one, or was added.
    var last: Duration
  }

  private var loops: [Int: Loop] = [:]
  private var nextID = 0

  mutating func register(_ name: String, now: Duration) -> Int {
    nextID += 1
    loops[nextID] = Loop(name: name, last: now)
    return nextID
  }

  /// What is to be done now: ping when every loop has done a round, and ask for the next ones.
  ///
  /// - Returns: Whether to ping, and the loops to ask, none of which was asked and has not answered yet.
  mutating func turn() -> (isWell: Bool, asked: [Int]) {
    let isWell = !loops.isEmpty && loops.values.allSatisfy(\.isDone)
    var asked: [Int] = []
    for id in loops.keys.sorted() {
      if isWell { loops[id]?.isDone = false }
      guard loops[id]?.isDone == false, loops[id]?.isAsked == false else { continue }
      loops[id]?.isAsked = true
      asked.append(id)
    }
    return (isWell, asked)
  }

  /// A loop answered. One that says that it hangs is asked again at the next turn.
  mutating func answer(_ id: Int, isWell: Bool, now: Duration) {
    loops[id]?.isAsked = false
    guard isWell else { return }
    loops[id]?.isDone = true
    loops[id]?.last = now
  }

  mutating func remove(_ id: Int) { loops[id] = nil }

  /// The loops whose last round is longer ago than allowed, by name.
  func late(now: Duration, allowance: Duration) -> [String] {
    loops.values.filter { now - $0.last > allowance }.map(\.name).sorted()
  }
}
