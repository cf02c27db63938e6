/// An answer that came whole. What its status means is for the caller to judge.
public struct HTTPResponse: Sendable {
  /// The status, such as 200.
  public let status: Int
  /// The header lines.
  public let headers: HTTPHeaders
  /// The body.
  public let body: [UInt8]

  /// Creates an answer.
  public init(status: Int, headers: HTTPHeaders = HTTPHeaders(), body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// The body as text, with U+FFFD where it is no UTF-8.
  public var text: String { String(decoding: body, as: UTF8.self) }
}

/// An answer whose body comes piece by piece, such as a run's progress.
public struct HTTPStream: Sendable {
  /// The status, such as 200.
  public let status: Int
  /// The header lines.
  public let headers: HTTPHeaders
  /// The pieces as they come, cut anywhere. It throws `TransportError` when the connection breaks before the
  /// end. The connection is closed when the task that reads is cancelled, or the last copy of the stream goes.
  public let body: AsyncThrowingStream<[UInt8], any Error>
}
