import Dispatch
import Glibc
import PhoenixCore

/// Signals as a stream, instead of what they would do to the process.
enum SignalStream {
  // Held for the life of the process: a source that is released delivers nothing more.
  private static let sources = Lock<[any DispatchSourceSignal]>([])
  private static let queue = DispatchQueue(label: "phoenix.signals")

  /// Takes signals from now on.
  ///
  /// - Parameter numbers: Such as SIGTERM.
  /// - Returns: Each as it comes; several of a kind that come at once are one.
  static func of(_ numbers: [Int32]) -> AsyncStream<Int32> {
    let (stream, feed) = AsyncStream<Int32>.makeStream()
    for number in numbers {
      signal(number, SIG_IGN)
      hold(number, feed)
    }
    return stream
  }

  private static func hold(_ number: Int32, _ feed: AsyncStream<Int32>.Continuation) {
    sources.withLock { sources in
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler { @Sendable in feed.yield(number) }
      source.resume()
      sources.append(source)
    }
  }
}
