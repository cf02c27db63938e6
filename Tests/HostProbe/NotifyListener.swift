import Glibc
import PhoenixHost

/// Plays the service manager for itself: tells it everything, and prints what arrived.
enum NotifyListener {
  static func run() {
    var directory = Array("/tmp/host-probe-XXXXXX".utf8CString)
    guard mkdtemp(&directory) != nil else { exit(70) }
    let folder = String(decoding: directory.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let path = "\(folder)/notify"
    defer {
      unlink(path)
      rmdir(folder)
    }
    let socket = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let bound = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard bound == 0 else { exit(70) }
    setenv("NOTIFY_SOCKET", path, 1)
    Notify.system.ready("12 resources\nare in sync")
    Notify.system.reloading()
    Notify.system.status("looking")
    Notify.system.watchdog()
    Notify.system.stopping("bye")
    for _ in 0..<5 {
      var buffer = [UInt8](repeating: 0, count: 4096)
      let count = recv(socket, &buffer, buffer.count, Int32(MSG_DONTWAIT))
      guard count > 0 else { exit(70) }
      HostProbe.say(String(decoding: buffer.prefix(count), as: UTF8.self))
    }
  }
}
