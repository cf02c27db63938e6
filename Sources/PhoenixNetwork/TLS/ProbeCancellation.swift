import Glibc
import PhoenixCore

/// Ends a probe from another thread: what waits for its socket wakes up.
final class ProbeCancellation: Sendable {
  private struct State {
    var socket: Int32?
    var isCancelled = false
  }

  private let state = Lock(State())

  /// Whether the probe is to end.
  var isCancelled: Bool { state.withLock { $0.isCancelled } }

  /// Ends the probe.
  func cancel() {
    state.withLock { state in
      state.isCancelled = true
      if let socket = state.socket { shutdown(socket, Int32(SHUT_RDWR)) }
    }
  }

  /// Tells which socket to wake; nil before it is closed, so that no other file with its number is touched.
  func watch(_ socket: Int32?) { state.withLock { $0.socket = socket } }
}
