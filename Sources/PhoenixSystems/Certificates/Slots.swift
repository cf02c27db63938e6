import PhoenixCore

/// A number of places at a table: who comes when all are taken waits for his turn.
final class Slots: Sendable {
  private struct State {
    var free: Int
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let state: Lock<State>

  init(count: Int) { state = Lock(State(free: count)) }

  /// Does something in a slot of its own.
  ///
  /// - Parameters:
  ///   - urgent: Whether to go ahead without a slot.
  ///   - work: What to do.
  /// - Returns: What the work returns.
  /// - Throws: What the work throws.
  func with<Value, Thrown: Error>(
    urgent: Bool, _ work: () async throws(Thrown) -> Value
  ) async throws(Thrown) -> Value {
    if urgent { return try await work() }
    await take()
    defer { give() }
    return try await work()
  }

  private func take() async {
    await withCheckedContinuation { continuation in
      let isFree = state.withLock { state in
        if state.free > 0 {
          state.free -= 1
          return true
        }
        state.waiting.append(continuation)
        return false
      }
      if isFree { continuation.resume() }
    }
  }

  private func give() {
    let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
      guard !state.waiting.isEmpty else {
        state.free += 1
        return nil
      }
      return state.waiting.removeFirst()
    }
    next?.resume()
  }
}
