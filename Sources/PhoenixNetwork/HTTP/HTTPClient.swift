public import PhoenixCore

/// HTTP over TCP, TLS and unix sockets: libcurl's multi interface on one Dispatch queue.
///
/// Connections are kept and used again for reads. A mutating request always gets a fresh connection, so that
/// libcurl never repeats it by itself when an idle connection turns out to be dead. Redirects are not followed,
/// proxies of the environment are ignored, and every server certificate is verified.
public actor HTTPClient {
  private let executor: QueueExecutor
  /// The queue that everything runs on.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
  /// What was asked so far.
  public nonisolated let counters = RequestCounters()

  /// Creates a client.
  ///
  /// - Parameters:
  ///   - executor: The queue to run on; shared with actors that call it often, calls cost no change of thread.
  ///   - maxConnectionsPerHost: How many connections to one host and port are open at once; others wait.
  public init(executor: QueueExecutor = QueueExecutor(label: "phoenix.http"), maxConnectionsPerHost: Int = 6)
  {
    self.executor = executor
  }

  /// Asks, and waits for the whole answer. Cancelling the task closes the connection at once.
  ///
  /// - Parameters:
  ///   - request: What to ask.
  ///   - trust: Whom we believe; without it every `https` server is refused.
  ///   - identity: What we show a server that asks for a client certificate.
  ///   - unixSocket: The path of the socket to connect to, whatever host the address names.
  /// - Returns: The answer, whatever its status.
  /// - Throws: `TransportError` when no whole answer came.
  public func send(
    _ request: HTTPRequest, trust: TLSTrust? = nil, identity: TLSIdentity? = nil, unixSocket: String? = nil
  ) async throws(TransportError) -> HTTPResponse {
    throw TransportError(.refused, "", endpoint: request.url)
  }

  /// Asks, and returns when the header lines are there; the body comes piece by piece, without a deadline.
  ///
  /// - Parameters:
  ///   - request: What to ask. Its timeout counts until the header lines are there; its `maximumBodyBytes` is
  ///     how much may wait for a slow reader.
  ///   - trust: Whom we believe; without it every `https` server is refused.
  ///   - identity: What we show a server that asks for a client certificate.
  ///   - unixSocket: The path of the socket to connect to, whatever host the address names.
  /// - Returns: The answer, whatever its status.
  /// - Throws: `TransportError` when no header lines came.
  public func stream(
    _ request: HTTPRequest, trust: TLSTrust? = nil, identity: TLSIdentity? = nil, unixSocket: String? = nil
  ) async throws(TransportError) -> HTTPStream {
    throw TransportError(.refused, "", endpoint: request.url)
  }

  /// Ends all requests as cancelled and closes all connections. Later requests are refused as cancelled.
  public func shutdown() {}
}
