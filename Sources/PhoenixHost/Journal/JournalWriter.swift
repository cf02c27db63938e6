import Dispatch
import PhoenixCore

/// Writes lines to the journal, never making the caller wait.
///
/// A stopped journald blocks its senders after some hundred lines. So lines wait in a bounded buffer for a queue
/// of their own; what does not fit is dropped and counted, and a line tells how many as soon as one can.
public final class JournalWriter: Sendable {
  private struct State {
    var buffer: JournalBuffer
    var draining = false
    var flushes: [CheckedContinuation<Bool, Never>] = []
  }

  private let sink: JournalSink
  private let threshold: JournalPriority
  private let queue = DispatchQueue(label: "phoenix.journal")
  private let state: Lock<State>

  /// Creates a writer.
  ///
  /// - Parameters:
  ///   - sink: Where lines go.
  ///   - threshold: The least urgent priority that is written.
  ///   - capacity: How many lines may wait.
  public init(sink: JournalSink, threshold: JournalPriority = .info, capacity: Int = 2048) {
    self.sink = sink
    self.threshold = threshold
    state = Lock(State(buffer: JournalBuffer(capacity: capacity)))
  }

  /// All lines that were ever dropped.
  public var dropped: Int { state.withLock(\.buffer.dropped) }

  /// Writes an event, soon.
  public func log(_ event: JournalEvent) {
    guard event.priority <= threshold else { return }
    let start = state.withLock { state in
      state.buffer.append(event)
      defer { state.draining = true }
      return !state.draining
    }
    if start { queue.async { self.drain() } }
  }

  /// Writes an event, soon.
  ///
  /// - Parameters:
  ///   - priority: How urgent it is.
  ///   - message: The text for people.
  ///   - id: Which kind of event it is.
  ///   - fields: What machines read.
  public func log(
    _ priority: JournalPriority, _ message: String, id: MessageID? = nil, fields: [JournalField: String] = [:]
  ) {
    log(JournalEvent(priority, message, id: id, fields: fields))
  }

  /// Waits until everything logged so far is written, as before an exit.
  ///
  /// - Parameter limit: How long to wait at most.
  /// - Returns: Whether all was written.
  public func flush(within limit: Duration = .seconds(2)) async -> Bool {
    await withTaskGroup(of: Bool.self) { group in
      group.addTask { await self.written() }
      group.addTask {
        try? await Task.sleep(for: limit)
        return false
      }
      let done = await group.next() ?? false
      group.cancelAll()
      if !done { releaseFlushes(written: false) }
      return done
    }
  }

  private func written() async -> Bool {
    await withCheckedContinuation { continuation in
      let now = state.withLock { state in
        guard state.draining else { return true }
        state.flushes.append(continuation)
        return false
      }
      if now { continuation.resume(returning: true) }
    }
  }

  private func releaseFlushes(written: Bool) {
    let waiting = state.withLock { state in
      defer { state.flushes = [] }
      return state.flushes
    }
    for continuation in waiting { continuation.resume(returning: written) }
  }

  private func drain() {
    while true {
      let events = state.withLock { state -> [JournalEvent] in
        let events = state.buffer.takeAll()
        if events.isEmpty { state.draining = false }
        return events
      }
      guard !events.isEmpty else { break }
      for event in events { sink.write(event) }
    }
    releaseFlushes(written: true)
  }
}
