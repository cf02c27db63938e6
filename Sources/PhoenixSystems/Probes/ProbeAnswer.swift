import PhoenixNetwork

/// How a port answered a probe.
public enum ProbeAnswer: Codable, Hashable, Sendable {
  /// Something came: an HTTP status, 0 for what is no HTTP.
  case answered(Int)
  /// The connection was taken and closed without a byte.
  case closed
  /// Nobody listens there, or the way is closed.
  case unreachable(String)
  /// It could not be tried.
  case untried(String)

  /// What no answer to a request tells of the port.
  init(_ error: TransportError) {
    switch error.kind {
    case .refused, .timeout, .resolve: self = .unreachable(error.text)
    case .reset, .tls: self = .closed
    case .tooLarge: self = .answered(0)
    case .cancelled, .socketDenied, .socketMissing, .invalidRequest: self = .untried(error.text)
    }
  }

  /// The HTTP status of something that came; nil when nothing came.
  var status: Int? { if case .answered(let status) = self { status } else { nil } }

  /// For people.
  var account: String {
    switch self {
    case .answered(let status): status == 0 ? "something that is no HTTP" : "HTTP status \(status)"
    case .closed: "the connection is closed without an answer"
    case .unreachable(let reason), .untried(let reason): reason
    }
  }
}
