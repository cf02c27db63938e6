import CCurl
import Dispatch
import Glibc

/// libcurl's multi handle, driven by one Dispatch source over a private epoll descriptor.
///
/// Everything happens on one serial queue; the owner sees to that. With a Dispatch source per socket, libcurl
/// would close sockets that Dispatch still watches; epoll forgets a closed socket by itself.
final class CurlMulti {
  private let raw: UnsafeMutableRawPointer
  private let epoll: Int32
  private let sockets: any DispatchSourceRead
  private let timer: QueueTimer
  private let queue: DispatchQueue
  private let onTimer: @Sendable () -> Void

  /// Creates a multi handle; nil when libcurl or the kernel is out of means.
  ///
  /// - Parameters:
  ///   - queue: The serial queue on which everything happens.
  ///   - maxConnectionsPerHost: How many connections to one host and port are open at once.
  ///   - onSocket: Called on the queue when a socket is ready; it calls `socketsReady()`.
  ///   - onTimer: Called on the queue when libcurl's time has come; it calls `timerFired()`.
  init?(
    queue: DispatchQueue, maxConnectionsPerHost: Int, onSocket: @escaping @Sendable () -> Void,
    onTimer: @escaping @Sendable () -> Void
  ) {
    BrokenPipe.ignore()
    guard curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK, let raw = curl_multi_init() else {
      return nil
    }
    let epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard epoll >= 0 else {
      curl_multi_cleanup(raw)
      return nil
    }
    self.raw = raw
    self.epoll = epoll
    self.queue = queue
    self.onTimer = onTimer
    sockets = DispatchSource.makeReadSource(fileDescriptor: epoll, queue: queue)
    timer = QueueTimer(queue: queue, onFire: onTimer)
    sockets.setEventHandler(handler: onSocket)
    // Dispatch may look at the descriptor until the source is cancelled, so it is closed only then.
    sockets.setCancelHandler { @Sendable in close(epoll) }
    let context = Unmanaged.passUnretained(self).toOpaque()
    phoenix_curl_multi_set_socket_callback(raw) { _, socket, what, context, known in
      guard let context else { return 0 }
      Unmanaged<CurlMulti>.fromOpaque(context).takeUnretainedValue().watch(
        socket, for: what, known: known != nil)
      return 0
    }
    phoenix_curl_multi_set_pointer(raw, CURLMOPT_SOCKETDATA, context)
    phoenix_curl_multi_set_timer_callback(raw) { _, milliseconds, context in
      guard let context else { return 0 }
      Unmanaged<CurlMulti>.fromOpaque(context).takeUnretainedValue().arm(milliseconds)
      return 0
    }
    phoenix_curl_multi_set_pointer(raw, CURLMOPT_TIMERDATA, context)
    phoenix_curl_multi_set_long(raw, CURLMOPT_MAX_HOST_CONNECTIONS, maxConnectionsPerHost)
    phoenix_curl_multi_set_long(raw, CURLMOPT_MAXCONNECTS, 64)
    sockets.activate()
  }

  deinit {
    // Closing connections would call back into an object that is going.
    phoenix_curl_multi_set_socket_callback(raw, nil)
    phoenix_curl_multi_set_timer_callback(raw, nil)
    curl_multi_cleanup(raw)
    sockets.cancel()
  }

  /// Starts a request; its first step is taken when the timer fires, at once.
  func add(_ easy: CurlEasy) -> Bool { curl_multi_add_handle(raw, easy.raw) == CURLM_OK }

  /// Takes a request out, whether it has ended or not. One that has not ended loses its connection.
  func remove(_ easy: CurlEasy) { curl_multi_remove_handle(raw, easy.raw) }

  /// Lets libcurl work on every socket that is ready.
  func socketsReady() {
    let capacity = 64
    withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: capacity) { events in
      let count = Int(epoll_wait(epoll, events.baseAddress, Int32(capacity), 0))
      // More than these make the epoll descriptor readable again.
      for index in 0..<max(count, 0) {
        let ready = events[index].events
        var mask: Int32 = 0
        if ready & (EPOLLIN.rawValue | EPOLLRDHUP.rawValue) != 0 { mask |= CURL_CSELECT_IN }
        if ready & EPOLLOUT.rawValue != 0 { mask |= CURL_CSELECT_OUT }
        if ready & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { mask |= CURL_CSELECT_ERR }
        act(on: events[index].data.fd, mask)
      }
    }
  }

  /// Lets libcurl work on what waits for time to pass.
  func timerFired() { act(on: CURL_SOCKET_TIMEOUT, 0) }

  /// The next request that has ended, with how; nil when there is none.
  func nextEnded() -> (transfer: CurlTransfer, result: CURLcode)? {
    var left: Int32 = 0
    while let message = curl_multi_info_read(raw, &left) {
      // The message is gone once the handle is removed: take both now.
      guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle,
        let context = phoenix_curl_get_private(easy)
      else { continue }
      let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
      return (transfer, phoenix_curl_message_result(message))
    }
    return nil
  }

  private func act(on socket: Int32, _ mask: Int32) {
    var running: Int32 = 0
    curl_multi_socket_action(raw, socket, mask, &running)
  }

  private func watch(_ socket: Int32, for what: Int32, known: Bool) {
    if what == CURL_POLL_REMOVE {
      // libcurl says this after every request on a kept connection too. The socket may already be closed.
      epoll_ctl(epoll, EPOLL_CTL_DEL, socket, nil)
      curl_multi_assign(raw, socket, nil)
      return
    }
    var event = epoll_event()
    if what != CURL_POLL_OUT { event.events |= EPOLLIN.rawValue }
    if what != CURL_POLL_IN { event.events |= EPOLLOUT.rawValue }
    event.data.fd = socket
    // A number may come back for another socket before libcurl has told of the first one's end.
    if epoll_ctl(epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, &event) != 0 {
      epoll_ctl(epoll, known ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, socket, &event)
    }
    curl_multi_assign(raw, socket, Unmanaged.passUnretained(self).toOpaque())
  }

  private func arm(_ milliseconds: Int) {
    // Only arms: calling libcurl from here would be calling it from within itself.
    if milliseconds == 0 {
      // Every request begins so, and Dispatch's timers have a thread of their own to wake. An earlier timer may
      // still fire; libcurl does nothing then.
      queue.async(execute: onTimer)
    } else {
      timer.arm(milliseconds < 0 ? nil : .milliseconds(milliseconds))
    }
  }
}
