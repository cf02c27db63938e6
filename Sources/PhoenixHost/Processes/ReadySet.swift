import CLinux
import Dispatch
import Glibc

/// Descriptors of one owner, watched together: one Dispatch source over a private epoll descriptor.
///
/// A Dispatch source for each descriptor is not safe here: libdispatch takes the hang-up that a pidfd reports
/// once its process was waited for as the end of its own bookkeeping, and crashes in its manager thread. The
/// epoll descriptor itself never hangs up.
final class ReadySet {
  private let epoll: Int32
  private let source: any DispatchSourceRead
  private var watched: Set<Int32> = []

  /// Creates an empty set; nil when the process has no descriptor left.
  ///
  /// - Parameters:
  ///   - queue: Where `ready` is called.
  ///   - ready: Called for as long as a descriptor is ready; calls `wait` to learn which.
  init?(queue: DispatchQueue, ready: @escaping @Sendable () -> Void) {
    let epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard epoll >= 0 else { return nil }
    self.epoll = epoll
    source = DispatchSource.makeReadSource(fileDescriptor: epoll, queue: queue)
    source.setEventHandler(handler: ready)
    source.setCancelHandler { @Sendable in close(epoll) }
    source.resume()
  }

  deinit {
    for descriptor in watched { close(descriptor) }
    source.cancel()
  }

  /// Watches a descriptor, and owns it from now on.
  func add(_ descriptor: Int32, forWriting: Bool = false) {
    var event = epoll_event()
    event.events = forWriting ? EPOLLOUT.rawValue : EPOLLIN.rawValue
    event.data.fd = descriptor
    watched.insert(descriptor)
    epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event)
  }

  /// Closes a descriptor; nothing when it was closed before.
  func remove(_ descriptor: Int32) {
    guard watched.remove(descriptor) != nil else { return }
    epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, nil)
    close(descriptor)
  }

  /// Whether a descriptor is still watched.
  func contains(_ descriptor: Int32) -> Bool { watched.contains(descriptor) }

  /// The descriptors that are ready just now, without waiting.
  func wait() -> [Int32] {
    let capacity = 8
    return withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: capacity) { events in
      let count = Int(epoll_wait(epoll, events.baseAddress, Int32(capacity), 0))
      return (0..<max(0, count)).map { events[$0].data.fd }
    }
  }
}
