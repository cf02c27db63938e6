import Glibc

/// Writing to a connection that the other side has closed must fail, not end the process. libssl writes with
/// write(2), so only the process-wide disposition helps.
enum BrokenPipe {
  private static let ignored: Void = { signal(SIGPIPE, SIG_IGN) }()

  /// Sees to it, once per process.
  static func ignore() { _ = ignored }
}
