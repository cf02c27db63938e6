import Glibc

/// What the processors have done for this process.
enum ProcessorTime {
  /// In user and kernel mode together, all threads.
  static var now: Duration {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }
}
