public import PhoenixCore

/// A request, with everything it needs but the keys and roots of its connection.
public struct HTTPRequest: Sendable {
  /// What is asked for.
  public enum Method: String, Sendable, Hashable, CaseIterable {
    case get = "GET"
    case post = "POST"
    case put = "PUT"
    case delete = "DELETE"
    case patch = "PATCH"

    /// Whether it can change something on the other side.
    public var isMutating: Bool { self != .get }
  }

  /// What is asked for.
  public let method: Method
  /// The whole address, `http://` or `https://`; whatever it holds is already percent-encoded.
  public let url: String
  /// Header lines beyond those that HTTP itself needs.
  public let headers: [HTTPHeader]
  /// What is sent, with its length before it, never in chunks.
  public let body: [UInt8]?
  /// The time for all of it: waiting for a free connection, connecting, sending, and receiving.
  public let timeout: Duration
  /// The most bytes that the answer's body may have; more is `TransportError.Kind.tooLarge`.
  public let maximumBodyBytes: Int
  /// Under what name metrics count it: the system's name.
  public let label: String
  /// Where to connect to, whatever host the address names, which is asked for and verified all the same; nil for
  /// that host.
  public let peer: HostAndPort?

  /// Creates a request.
  ///
  /// - Parameters:
  ///   - method: What is asked for.
  ///   - url: The whole address, percent-encoded.
  ///   - headers: Header lines beyond those that HTTP itself needs.
  ///   - body: What is sent.
  ///   - timeout: The time for all of it.
  ///   - maximumBodyBytes: The most bytes that the answer's body may have; 16 MB unless said otherwise.
  ///   - label: Under what name metrics count it.
  ///   - peer: Where to connect to, whatever host the address names.
  public init(
    _ method: Method = .get, _ url: String, headers: [HTTPHeader] = [], body: [UInt8]? = nil,
    timeout: Duration = .seconds(30), maximumBodyBytes: Int = 16 << 20, label: String,
    connectingTo peer: HostAndPort? = nil
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.timeout = timeout
    self.maximumBodyBytes = maximumBodyBytes
    self.label = label
    self.peer = peer
  }
}
