/// What one client may take of the server.
public struct ServerLimits: Sendable, Hashable {
  /// The most bytes of a request's body.
  public var bodyBytes = 1 << 20
  /// The most connections of one user on one listener; more are answered with 503. Who takes all of his keeps no other
  /// from theirs, be it on the socket for all. In a unit with PrivateUsers all but root and the daemon's own user are one.
  public var connectionsOfUser = 64
  /// The most connections on one listener, whosever they are. Root's are always taken.
  public var connections = 256
  /// How long a connection may be without a whole request.
  public var requestTime = Duration.seconds(30)
  /// How long a client may take to accept what was written before more is.
  public var writeTime = Duration.seconds(30)
  /// How long a connection may take to end when the server stops.
  public var graceTime = Duration.milliseconds(500)

  /// The limits for our own sockets.
  public init() {}
}
