import Dispatch
import Glibc
import PhoenixCore

/// Ctrl-C and SIGTERM while a run is watched.
enum Interrupt {
  // Held for the life of the process: a source that is released delivers nothing more.
  private static let sources = Lock<[any DispatchSourceSignal]>([])

  /// Does something at the first interrupt; a second one ends the process at once.
  static func first(_ act: @escaping @Sendable () -> Void) {
    for number in [SIGINT, SIGTERM] {
      signal(number, SIG_IGN)
      sources.withLock { sources in
        let source = DispatchSource.makeSignalSource(
          signal: number, queue: DispatchQueue(label: "phoenix.interrupt"))
        let count = Lock(0)
        source.setEventHandler { @Sendable in
          let times = count.withLock { count in
            count += 1
            return count
          }
          if times == 1 { act() } else { _exit(ExitStatus.interrupted) }
        }
        source.resume()
        sources.append(source)
      }
    }
  }
}
