import Dispatch

/// Shakes hands with a server to see which certificate it serves. Nothing is sent beyond the handshake.
public enum TLSProbe {
  /// What to look at.
  public struct Target: Sendable, Hashable {
    /// The address to connect to, IPv4 or IPv6.
    public let address: String
    /// The port.
    public let port: UInt16
    /// The host name or address that is asked for (SNI when a name) and that the certificate must be for.
    public let serverName: String

    /// Creates a target.
    public init(address: String, port: UInt16, serverName: String) {
      self.address = address
      self.port = port
      self.serverName = serverName
    }
  }

  /// What a server served. The handshake came as far as its certificate.
  public struct Served: Sendable, Hashable {
    /// What it sent: the leaf first.
    public let chain: CertificateChain
    /// Why the chain is not to be trusted, in libssl's words; nil when it is.
    public let distrust: String?
    /// Why the handshake did not end well although the chain is trusted, such as the server refusing our client
    /// certificate; nil when it did.
    public let refusal: String?

    /// Whether the chain is trusted and the handshake ended well.
    public var isGood: Bool { distrust == nil && refusal == nil }
  }

  /// Connects and shakes hands, without resuming an earlier session.
  ///
  /// - Parameters:
  ///   - target: What to look at.
  ///   - trust: Whom we believe.
  ///   - identity: What we show when asked for a client certificate.
  ///   - timeout: The time for all of it.
  ///   - tls12Only: Whether to offer no TLS 1.3, where a refused client certificate shows only later.
  /// - Returns: What was served, trusted or not.
  /// - Throws: `TransportError` when no certificate was seen.
  public static func handshake(
    _ target: Target, trust: TLSTrust, identity: TLSIdentity? = nil, timeout: Duration = .seconds(10),
    tls12Only: Bool = false
  ) async throws(TransportError) -> Served {
    let probe = ProbeHandshake(
      target: target, trust: trust, identity: identity, deadline: .now + timeout, tls12Only: tls12Only)
    return try await onThread { probe.run($0) }
  }

  /// Connects without a client certificate and asks something, to see whether the server answers nobody in
  /// particular. Whose the server is does not matter here, and nothing secret is sent.
  ///
  /// - Parameters:
  ///   - target: Whom to ask.
  ///   - request: What is sent after the handshake.
  ///   - timeout: The time for all of it.
  ///   - tls12Only: Whether to offer no TLS 1.3.
  /// - Returns: The first bytes of the answer; none when the server refused us or closed the connection instead.
  /// - Throws: `TransportError` when nobody is there, or nothing came in time.
  public static func answer(
    from target: Target, to request: [UInt8], timeout: Duration = .seconds(10), tls12Only: Bool = false
  ) async throws(TransportError) -> [UInt8] {
    let probe = ProbeHandshake(
      target: target, trust: TLSTrust(rootsPEM: ""), identity: nil, deadline: .now + timeout,
      tls12Only: tls12Only)
    return try await onThread { probe.answer(to: request, $0) }
  }

  private static func onThread<Value: Sendable>(
    _ work: @escaping @Sendable (ProbeCancellation) -> Result<Value, TransportError>
  ) async throws(TransportError) -> Value {
    let cancellation = ProbeCancellation()
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        queue.async { continuation.resume(returning: work(cancellation)) }
      }
    } onCancel: {
      cancellation.cancel()
    }
    return try result.get()
  }

  /// Probes block their thread while they wait, so they keep to threads of their own.
  private static let queue = DispatchQueue(label: "phoenix.tls-probe", attributes: .concurrent)
}
