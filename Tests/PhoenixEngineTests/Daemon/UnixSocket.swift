import Glibc

/// Unix sockets as systemd makes them, for what is started by hand.
enum UnixSocket {
  /// A socket that listens.
  static func listening(at path: String) -> Int32 { bound(path, SOCK_STREAM) { listen($0, 16) } }

  /// A socket that takes datagrams, such as $NOTIFY_SOCKET; reads do not block.
  static func datagrams(at path: String) -> Int32 {
    bound(path, SOCK_DGRAM) { fcntl($0, F_SETFL, O_NONBLOCK) }
  }

  /// A datagram that waits; nil for none.
  static func datagram(_ descriptor: Int32) -> String? {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = recv(descriptor, &bytes, bytes.count, 0)
    return count > 0 ? String(decoding: bytes.prefix(count), as: UTF8.self) : nil
  }

  private static func bound(_ path: String, _ kind: __socket_type, _ finish: (Int32) -> Int32) -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(kind.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { target in
      for (index, byte) in path.utf8.enumerated() where index < target.count - 1 { target[index] = byte }
    }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    let code = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) }
    }
    guard code == 0, finish(descriptor) >= 0 else { return -1 }
    return descriptor
  }
}
