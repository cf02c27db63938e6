public import PhoenixCore

/// Why no answer came. An answer of any status is no transport error.
public struct TransportError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What went wrong.
  public enum Kind: Sendable, Hashable {
    /// Nobody listens there, or the way is closed.
    case refused
    /// No whole answer came in time.
    case timeout
    /// The connection broke, or what came was no HTTP.
    case reset
    /// The other side could not be trusted, or did not trust us; in libssl's words.
    case tls(String)
    /// The name could not be resolved.
    case resolve
    /// The answer is larger than was allowed.
    case tooLarge
    /// The task was cancelled, or the client was shut down.
    case cancelled
    /// The unix socket is there, and this user may not use it.
    case socketDenied
    /// The unix socket is not there: the daemon does not run.
    case socketMissing
    /// The request itself cannot be sent: a bad address, a line break in a header.
    case invalidRequest
  }

  /// What went wrong.
  public let kind: Kind
  /// What went wrong, for people. It holds no secret.
  public let text: String
  /// libcurl's number for it, 0 when the error is not libcurl's.
  public let code: Int
  /// Scheme, host and port (or the socket's path) that was asked, without path and query.
  public let endpoint: String

  /// Creates an error.
  public init(_ kind: Kind, _ text: String, code: Int = 0, endpoint: String) {
    self.kind = kind
    self.text = text
    self.code = code
    self.endpoint = endpoint
  }

  /// `endpoint: text`.
  public var description: String { "\(endpoint): \(text)" }

  /// Whether asking again later can help. A certificate that is not trusted may be replaced meanwhile.
  public var isTransient: Bool {
    switch kind {
    case .refused, .timeout, .reset, .tls, .resolve, .cancelled, .socketMissing: true
    case .tooLarge, .socketDenied, .invalidRequest: false
    }
  }

  /// The same as an account for people, which counts for the endpoint's circuit.
  ///
  /// - Parameter doing: What was being done: `read the rules of proxmox/firewall/1001`.
  /// - Returns: Transient or permanent as `isTransient` says.
  public func failure(doing: String) -> Failure {
    Failure(
      isTransient ? .transient : .permanent, doing: doing, got: description, hint: hint, endpoint: endpoint)
  }

  private var hint: String? {
    switch kind {
    case .tls: "compare the certificate authority in the configuration with the one the server uses"
    case .socketDenied: "run as root or as a member of the group that may use the socket"
    case .socketMissing: "start the daemon: systemctl start phoenixd.socket"
    default: nil
    }
  }
}
