import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
public import PhoenixCore

/// HTTP on our own sockets: one thread of NIO, any number of listeners told apart by name.
///
/// Who may connect to a listener is the file system's to say; the listener's name is all that a request tells
/// about its sender.
public final class ControlServer: Sendable {
  private struct State {
    var listeners: [any Channel] = []
    var connections: [ObjectIdentifier: any Channel] = [:]
    var counts: [String: ConnectionCount] = [:]
    var isStopping = false
  }

  private let handler: @Sendable (ServerRequest) async -> ServerResponse
  private let limits: ServerLimits
  /// One thread for all servers of the process. It is never stopped: a handler that ignores its cancellation may
  /// still want to write when its server is long gone, and gets an error then.
  private static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  private let state = Lock(State())

  /// Creates a server; it listens nowhere yet.
  ///
  /// - Parameters:
  ///   - limits: What one client may take.
  ///   - handler: Answers one request. It runs off the server's thread, and is cancelled when the client goes or
  ///     the server stops.
  public init(
    limits: ServerLimits = ServerLimits(),
    handler: @escaping @Sendable (ServerRequest) async -> ServerResponse
  ) {
    self.limits = limits
    self.handler = handler
  }

  /// Serves a socket that already listens, such as one that systemd passed.
  ///
  /// - Parameters:
  ///   - descriptor: The listening socket; the server owns it from now on, also when this throws.
  ///   - name: The listener's name, which requests bear.
  /// - Throws: `Failure` when the descriptor is no listening socket, or the server was shut down.
  public func serve(descriptor: Int32, name: String) async throws(Failure) {
    var isListening: Int32 = 0
    var count = socklen_t(MemoryLayout<Int32>.size)
    guard getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &isListening, &count) == 0, isListening == 1
    else {
      close(descriptor)
      throw Failure(
        .permanent, doing: "serve the socket \(name)", got: "descriptor \(descriptor) is no listening socket")
    }
    try await serve(name) { try await $0.withBoundSocket(descriptor).get() }
  }

  /// Listens on a path of its own, for tests and for runs without systemd. A socket left there is replaced.
  ///
  /// - Parameters:
  ///   - path: Where; at most 107 bytes.
  ///   - name: The listener's name, which requests bear.
  /// - Throws: `Failure` when the path cannot be bound, or the server was shut down.
  public func serve(path: String, name: String) async throws(Failure) {
    try await serve(name) {
      try await $0.bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
    }
  }

  /// Has each of the server's threads do a round of its loop: wake up, look at its sockets, and run what is asked.
  ///
  /// - Returns: Whether everything that it listens on is still open.
  public func round() async -> Bool {
    for loop in Self.group.makeIterator() {
      do { try await loop.submit {}.get() } catch { return false }
    }
    return state.withLock { $0.isStopping || $0.listeners.allSatisfy(\.isActive) }
  }

  /// Stops listening, cancels the handlers, ends the streams, and returns when all is closed.
  public func shutdown() async {
    let (listeners, connections) = state.withLock { state in
      state.isStopping = true
      defer { state.listeners = [] }
      return (state.listeners, Array(state.connections.values))
    }
    for listener in listeners { try? await listener.close() }
    for connection in connections {
      connection.pipeline.fireUserInboundEventTriggered(ServerConnection.ServerStops())
    }
    let grace = Self.group.next().scheduleTask(in: TimeAmount(limits.graceTime)) {
      for connection in connections { connection.close(promise: nil) }
    }
    for connection in connections { try? await connection.closeFuture.get() }
    grace.cancel()
  }

  private func serve(
    _ name: String, _ listen: (ServerBootstrap) async throws -> any Channel
  ) async throws(Failure) {
    let doing = "serve the socket \(name)"
    let stopped = Failure(.permanent, doing: doing, got: "the server was shut down")
    guard state.withLock({ !$0.isStopping }) else { throw stopped }
    let listener: any Channel
    do {
      listener = try await listen(bootstrap(name))
    } catch {
      throw Failure(.permanent, doing: doing, got: "\(error)")
    }
    let isStopping = state.withLock { state in
      state.listeners.append(listener)
      return state.isStopping
    }
    if isStopping {
      try? await listener.close()
      throw stopped
    }
  }

  private func bootstrap(_ name: String) -> ServerBootstrap {
    ServerBootstrap(group: Self.group).childChannelInitializer { [weak self] channel in
      guard let self else { return channel.close() }
      return PeerUser.of(channel).flatMapThrowing { user in
        let isAdmitted = self.admit(channel, listener: name, user: user)
        try channel.pipeline.syncOperations.configureHTTPServerPipeline(
          withPipeliningAssistance: false, withErrorHandling: true)
        try channel.pipeline.syncOperations.addHandler(
          ServerConnection(listener: name, limits: self.limits, isRefused: !isAdmitted, handler: self.handler)
        )
      }
    }
  }

  /// Counts a connection until it is closed; false when there are too many.
  private func admit(_ channel: any Channel, listener: String, user: uid_t) -> Bool {
    let key = ObjectIdentifier(channel)
    let isAdmitted = state.withLock { state in
      state.connections[key] = channel
      state.counts[listener, default: ConnectionCount()].add(user)
      return !state.isStopping && state.counts[listener]?.keeps(limits, user) ?? false
    }
    channel.closeFuture.whenComplete { [weak self] _ in
      self?.state.withLock { state in
        state.connections[key] = nil
        state.counts[listener]?.remove(user)
      }
    }
    return isAdmitted
  }
}
