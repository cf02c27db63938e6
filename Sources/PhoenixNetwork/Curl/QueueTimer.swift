import Dispatch

/// A timer on a queue, armed anew as often as needed.
final class QueueTimer {
  private let source: any DispatchSourceTimer

  init(queue: DispatchQueue, onFire: @escaping @Sendable () -> Void) {
    source = DispatchSource.makeTimerSource(queue: queue)
    source.setEventHandler(handler: onFire)
    source.schedule(deadline: .distantFuture)
    source.activate()
  }

  deinit { source.cancel() }

  /// Lets the timer fire once after some time instead of when it would have; never, without one.
  func arm(_ delay: DispatchTimeInterval?) {
    source.schedule(deadline: delay.map { .now() + $0 } ?? .distantFuture, leeway: .milliseconds(1))
  }
}
