import Glibc
import PhoenixHost

/// Hands itself two sockets as a service manager would, takes them, and tells what it got.
enum SocketTaker {
  static func run() throws {
    // Made beyond their places first, so that none is in the way of another.
    let sockets = [listener(), listener()].map { fcntl($0, F_DUPFD, 20) }
    for (index, socket) in sockets.enumerated() {
      guard dup2(socket, 3 + Int32(index)) >= 0 else { exit(70) }
    }
    setenv("LISTEN_PID", String(getpid()), 1)
    setenv("LISTEN_FDS", "2", 1)
    setenv("LISTEN_FDNAMES", "status:admin", 1)
    let taken = try ListenDescriptors.take()
    for name in taken.names {
      let flags = fcntl(taken[name] ?? -1, F_GETFD)
      HostProbe.say("\(name) \(taken[name] ?? -1) \(flags & FD_CLOEXEC != 0 ? "cloexec" : "inherited")")
    }
    HostProbe.say(getenv("LISTEN_FDS") == nil ? "unset" : "set")
  }

  private static func listener() -> Int32 {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard socket >= 0, listen(socket, 1) == 0 else { exit(70) }
    return socket
  }
}
