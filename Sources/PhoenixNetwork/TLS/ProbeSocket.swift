import Glibc
import PhoenixCore

/// A TCP connection that never blocks but in `wait`, and there only until the deadline.
struct ProbeSocket: ~Copyable {
  let descriptor: Int32
  private let deadline: ContinuousClock.Instant
  private let cancellation: ProbeCancellation

  private init(
    descriptor: Int32, deadline: ContinuousClock.Instant, cancellation: ProbeCancellation
  ) {
    self.descriptor = descriptor
    self.deadline = deadline
    self.cancellation = cancellation
    cancellation.watch(descriptor)
  }

  /// Connects, waiting for it.
  static func connected(
    to target: TLSProbe.Target, deadline: ContinuousClock.Instant, cancellation: ProbeCancellation
  ) throws(TransportError) -> ProbeSocket {
    let endpoint = target.endpoint
    guard let bytes = SubjectName.addressBytes(target.address) else {
      throw TransportError(.resolve, "'\(target.address)' is no address", endpoint: endpoint)
    }
    let family = bytes.count == 4 ? AF_INET : AF_INET6
    let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let descriptor = socket(family, type, 0)
    guard descriptor >= 0 else {
      throw TransportError(.reset, "no socket: \(String(cString: strerror(errno)))", endpoint: endpoint)
    }
    let connection = ProbeSocket(descriptor: descriptor, deadline: deadline, cancellation: cancellation)
    if connect(descriptor, bytes, target.port) != 0 {
      guard errno == EINPROGRESS else { throw refusal(errno, endpoint) }
      try connection.wait(for: POLLOUT, "connection", endpoint)
      var error: Int32 = 0
      var count = socklen_t(MemoryLayout<Int32>.size)
      getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &count)
      guard error == 0 else { throw refusal(error, endpoint) }
    }
    return connection
  }

  deinit {
    cancellation.watch(nil)
    close(descriptor)
  }

  /// Waits until the socket can be read or written, or is broken.
  ///
  /// - Parameters:
  ///   - event: `POLLIN` or `POLLOUT`.
  ///   - what: What does not come when the time is over, for people.
  ///   - endpoint: Whom the error names.
  ///   - limit: An earlier end than the deadline.
  /// - Throws: `TransportError` when the time is over or the probe was cancelled.
  func wait(
    for event: Int32, _ what: String, _ endpoint: String, limit: ContinuousClock.Instant? = nil
  ) throws(TransportError) {
    while true {
      guard !cancellation.isCancelled else {
        throw TransportError(.cancelled, "cancelled", endpoint: endpoint)
      }
      let end = min(limit ?? deadline, deadline)
      let left = ContinuousClock.now.duration(to: end) / .milliseconds(1)
      guard left > 0 else { throw TransportError(.timeout, "no \(what) in time", endpoint: endpoint) }
      var poll = pollfd(fd: descriptor, events: Int16(event), revents: 0)
      let count = Glibc.poll(&poll, 1, Int32(min(left, 60_000)) + 1)
      guard !cancellation.isCancelled else {
        throw TransportError(.cancelled, "cancelled", endpoint: endpoint)
      }
      if count > 0 { return }
      guard count == 0 || errno == EINTR else {
        throw TransportError(.reset, String(cString: strerror(errno)), endpoint: endpoint)
      }
    }
  }

  private static func connect(_ descriptor: Int32, _ bytes: [UInt8], _ port: UInt16) -> Int32 {
    if bytes.count == 4 {
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = port.bigEndian
      withUnsafeMutableBytes(of: &address.sin_addr) { $0.copyBytes(from: bytes) }
      return connect(descriptor, &address)
    }
    var address = sockaddr_in6()
    address.sin6_family = sa_family_t(AF_INET6)
    address.sin6_port = port.bigEndian
    withUnsafeMutableBytes(of: &address.sin6_addr) { $0.copyBytes(from: bytes) }
    return connect(descriptor, &address)
  }

  private static func connect<Address>(_ descriptor: Int32, _ address: inout Address) -> Int32 {
    withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
      }
    }
  }

  private static func refusal(_ error: Int32, _ endpoint: String) -> TransportError {
    TransportError(
      error == ETIMEDOUT ? .timeout : .refused, String(cString: strerror(error)), endpoint: endpoint)
  }
}

extension TLSProbe.Target {
  /// Address and port.
  var endpoint: String { "\(address.asURLHost):\(port)" }
}
