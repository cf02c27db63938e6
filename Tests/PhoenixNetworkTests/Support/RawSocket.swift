import Dispatch
import Glibc

/// Plain sockets, for what no HTTP client would do.
enum RawSocket {
  /// Takes a port of 127.0.0.1 on which nobody listens, nor can while the descriptor is open.
  static func closedPort() throws -> (descriptor: Int32, port: UInt16) { try boundPort(isListening: false) }

  /// Listens on a port of 127.0.0.1 without ever accepting; connections succeed and stay silent.
  static func silentListener() throws -> (descriptor: Int32, port: UInt16) {
    try boundPort(isListening: true)
  }

  private static func boundPort(isListening: Bool) throws -> (descriptor: Int32, port: UInt16) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    var count = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(descriptor, address, count) == 0 && (!isListening || listen(descriptor, 16) == 0)
          && getsockname(descriptor, address, &count) == 0
      }
    }
    guard result else { throw Trouble("no listener: errno \(errno)") }
    return (descriptor, UInt16(bigEndian: address.sin_port))
  }

  /// Listens on a path, as systemd does for us.
  static func unixListener(_ path: String) throws -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    try onUnixAddress(path) { bind(descriptor, $0, $1) }
    guard listen(descriptor, 16) == 0 else { throw Trouble("cannot listen on \(path)") }
    return descriptor
  }

  /// Connects to a path.
  static func connected(to path: String) throws -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    try onUnixAddress(path) { connect(descriptor, $0, $1) }
    return descriptor
  }

  /// Sends some bytes to a path and gives all that comes until the other side closes or ten seconds are over.
  static func exchange(_ path: String, _ bytes: [UInt8]) async throws -> String {
    let descriptor = try connected(to: path)
    defer { close(descriptor) }
    return await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        var time = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        var received: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while case let count = recv(descriptor, &chunk, chunk.count, 0), count > 0 {
          received += chunk.prefix(count)
        }
        continuation.resume(returning: String(decoding: received, as: UTF8.self))
      }
    }
  }

  /// Hands a path's address to a call; throws when the call does not give 0.
  static func onUnixAddress(
    _ path: String, _ call: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) throws {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        call($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard result == 0 else { throw Trouble("\(path): errno \(errno)") }
  }
}
