import PhoenixCore
import PhoenixHost

/// Runs something that may never come back, and stops waiting for it in time.
enum Race {
  /// - Parameters:
  ///   - limit: How long to wait. The loser is cancelled, and if it does not heed that, forgotten.
  ///   - clock: On whose `boot` the limit counts.
  ///   - late: What to return when the limit has passed.
  ///   - work: What may never come back.
  /// - Returns: What `work` returned, or `late`.
  static func run<Value: Sendable>(
    limit: Duration, clock: HostClock, late: Value, _ work: @escaping @Sendable () async -> Value
  ) async -> Value {
    let until = clock.boot() + limit
    let finish = Finish<Value>()
    let worker = Task { @concurrent in finish.give(await work()) }
    let timer = Task { @concurrent in
      await clock.sleep(until)
      if clock.boot() >= until { finish.give(late) }
    }
    let value = await withTaskCancellationHandler {
      await finish.value()
    } onCancel: {
      worker.cancel()
    }
    worker.cancel()
    timer.cancel()
    return value
  }
}

/// The first value given; later ones are dropped.
private final class Finish<Value: Sendable>: Sendable {
  private struct State {
    var value: Value?
    var waiter: CheckedContinuation<Value, Never>?
    var isDone = false
  }

  private let state = Lock(State())

  func give(_ value: Value) {
    let waiter = state.withLock { state -> CheckedContinuation<Value, Never>? in
      guard !state.isDone else { return nil }
      state.isDone = true
      guard let waiter = state.waiter else {
        state.value = value
        return nil
      }
      state.waiter = nil
      return waiter
    }
    waiter?.resume(returning: value)
  }

  func value() async -> Value {
    await withCheckedContinuation { continuation in
      let ready = state.withLock { state -> Value? in
        guard let value = state.value else {
          state.waiter = continuation
          return nil
        }
        return value
      }
      if let ready { continuation.resume(returning: ready) }
    }
  }
}
