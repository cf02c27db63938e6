import Glibc
import NIOCore

/// Who is at the other end of a Unix socket, as the kernel says.
enum PeerUser {
  /// What SO_PEERCRED gives: Glibc's `ucred` is a GNU extension that Swift does not see.
  private struct Credentials: Sendable {
    var process: pid_t = 0
    var user: uid_t = 0
    var group: gid_t = 0
  }

  /// The user that connected.
  ///
  /// - Parameter channel: A connection on a Unix socket; its event loop's thread calls this.
  /// - Returns: The user; fails when the connection is gone.
  static func of(_ channel: any Channel) -> EventLoopFuture<uid_t> {
    guard let socket = channel as? any SocketOptionProvider else {
      return channel.eventLoop.makeFailedFuture(ChannelError.operationUnsupported)
    }
    let credentials: EventLoopFuture<Credentials> = socket.unsafeGetSocketOption(
      level: .socket, name: NIOBSDSocket.Option(rawValue: SO_PEERCRED))
    return credentials.map(\.user)
  }
}
