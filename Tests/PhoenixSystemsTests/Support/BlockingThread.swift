import Glibc

/// Runs something that blocks on a thread of its own: Dispatch has 255, and tests that fill them all stand still.
enum BlockingThread {
  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  static func start(_ run: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    let body = Unmanaged.passRetained(Body(run))
    let result = pthread_create(
      &thread, nil,
      { context in
        if let context { Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run() }
        return nil
      }, body.toOpaque())
    guard result == 0 else { fatalError("no thread: \(result)") }
    pthread_detach(thread)
  }

  /// Begins something that blocks or spins; the task only waits for what comes of it.
  static func task<Value: Sendable>(_ run: @escaping @Sendable () -> Value) -> Task<Value, Never> {
    Task { await withCheckedContinuation { waiter in start { waiter.resume(returning: run()) } } }
  }
}
