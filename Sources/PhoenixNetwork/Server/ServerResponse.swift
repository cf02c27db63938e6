/// What is answered on one of our own sockets.
public struct ServerResponse: Sendable {
  /// The body.
  public enum Body: Sendable {
    /// Known whole.
    case bytes([UInt8])
    /// As it comes, each element sent at once; the stream's consumer is cancelled when the client goes.
    case stream(AsyncStream<[UInt8]>)
  }

  /// The status, such as 200.
  public let status: Int
  /// The `Content-Type`.
  public let contentType: String
  /// The body.
  public let body: Body

  /// Creates an answer.
  public init(status: Int = 200, contentType: String = "application/json", body: Body) {
    self.status = status
    self.contentType = contentType
    self.body = body
  }

  /// Creates an answer of plain text.
  public init(status: Int, text: String) {
    self.init(status: status, contentType: "text/plain; charset=utf-8", body: .bytes(Array(text.utf8)))
  }
}
