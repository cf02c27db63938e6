import NIOCore
import NIOHTTP1

/// Writes one answer, piece after piece, each when the client has taken the one before.
struct ResponseWriter: Sendable {
  let channel: any Channel
  let writeTime: Duration
  let version: HTTPVersion
  /// Whether the request was HEAD.
  let withoutBody: Bool
  let isKept: Bool

  /// Writes the answer. Cancelled, it ends a stream early but well.
  func write(_ response: ServerResponse) async throws {
    var headers: NIOHTTP1.HTTPHeaders = ["Content-Type": response.contentType, "Cache-Control": "no-store"]
    if !isKept { headers.add(name: "Connection", value: "close") }
    if case .bytes(let bytes) = response.body { headers.add(name: "Content-Length", value: "\(bytes.count)") }
    let head = HTTPResponseHead(
      version: version, status: HTTPResponseStatus(statusCode: response.status), headers: headers)
    switch response.body {
    case .bytes(let bytes):
      channel.write(HTTPServerResponsePart.head(head), promise: nil)
      if !withoutBody { channel.write(part(bytes), promise: nil) }
    case .stream(let pieces):
      try await send(.head(head))
      if !withoutBody { for await piece in pieces { try await send(part(piece)) } }
    }
    try await send(.end(nil))
  }

  private func part(_ bytes: [UInt8]) -> HTTPServerResponsePart {
    .body(.byteBuffer(channel.allocator.buffer(bytes: bytes)))
  }

  /// Writes a part and waits until the kernel has it; a client that does not read loses its connection.
  private func send(_ part: HTTPServerResponsePart) async throws {
    let timer = channel.eventLoop.scheduleTask(in: TimeAmount(writeTime)) { channel.close(promise: nil) }
    defer { timer.cancel() }
    try await channel.writeAndFlush(part)
  }
}
