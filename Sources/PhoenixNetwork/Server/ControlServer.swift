/// HTTP on our own sockets: one thread of NIO, any number of listeners told apart by name.
public final class ControlServer: Sendable {
  /// Creates a server; it listens nowhere yet.
  ///
  /// - Parameter handler: Answers one request. It runs off the server's thread, and is cancelled when the client
  ///   goes or the server stops.
  public init(handler: @escaping @Sendable (ServerRequest) async -> ServerResponse) {}

  /// Serves a socket that already listens, such as one that systemd passed.
  ///
  /// - Parameters:
  ///   - descriptor: The listening socket; the server owns it from now on.
  ///   - name: The listener's name, which requests bear.
  /// - Throws: When the descriptor is no listening socket.
  public func serve(descriptor: Int32, name: String) async throws {}

  /// Listens on a path of its own, for tests and for runs without systemd. A socket left there is replaced.
  ///
  /// - Parameters:
  ///   - path: Where; at most 107 bytes.
  ///   - name: The listener's name, which requests bear.
  /// - Throws: When the path cannot be bound.
  public func serve(path: String, name: String) async throws {}

  /// Stops listening, cancels the handlers, ends the streams, and returns when all is closed.
  public func shutdown() async {}
}
