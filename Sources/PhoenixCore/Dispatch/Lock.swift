import Glibc

/// A value that one thread at a time may touch.
///
/// Used as `Synchronization.Mutex` is, and for the same small synchronous state. That one waits inside the
/// standard library where ThreadSanitizer cannot see it: a contended `Mutex` is reported as a race, and a run of
/// the tests under the sanitizer would prove nothing. A POSIX mutex it understands.
///
/// Unchecked, because `value` is touched only between lock and unlock, which the compiler cannot know.
public final class Lock<Value>: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private var value: Value

  /// Wraps a value.
  public init(_ value: consuming sending Value) {
    self.value = value
    mutex = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  /// Touches the value, alone. Never waits for anything meanwhile.
  public func withLock<Result, Thrown: Error>(
    _ body: (inout sending Value) throws(Thrown) -> sending Result
  ) throws(Thrown) -> sending Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body(&value)
  }
}
