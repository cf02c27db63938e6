/// A request to one of our own sockets.
public struct ServerRequest: Sendable {
  /// Such as `GET`.
  public let method: String
  /// The path, percent-decoded, without the query: `/v1/plan`.
  public let path: String
  /// The query, percent-decoded; of a repeated key the last.
  public let query: [String: String]
  /// The body.
  public let body: [UInt8]
  /// The name of the listening socket it came by: `admin` or `status`. It is what authorises.
  public let listener: String

  /// Creates a request.
  public init(
    method: String, path: String, query: [String: String] = [:], body: [UInt8] = [], listener: String
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.body = body
    self.listener = listener
  }
}
