import NIOCore
import NIOHTTP1

/// One client: takes one request at a time, lets the handler answer it off this thread, and keeps the limits.
/// Everything here happens on the server's one thread.
///
/// Reading goes on while an answer is written, so that a client that goes is noticed at once.
final class ServerConnection: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  /// Tells a connection, as an event in its pipeline, that the server stops.
  struct ServerStops: Sendable {}

  private enum State {
    case waiting
    case receiving(HTTPRequestHead, body: [UInt8])
    case answering(Task<Void, Never>)
    /// What still comes is thrown away.
    case closing
  }

  private let listener: String
  private let limits: ServerLimits
  private let isRefused: Bool
  private let handler: @Sendable (ServerRequest) async -> ServerResponse
  private var state = State.waiting
  private var isStopping = false
  private var requestTimer: Scheduled<Void>?

  /// Creates the end of one connection; a refused one gets 503 and is closed.
  init(
    listener: String, limits: ServerLimits, isRefused: Bool,
    handler: @escaping @Sendable (ServerRequest) async -> ServerResponse
  ) {
    self.listener = listener
    self.limits = limits
    self.isRefused = isRefused
    self.handler = handler
  }

  func channelActive(context: ChannelHandlerContext) {
    if isRefused {
      refuse(context, .serviceUnavailable, "too many connections")
    } else {
      awaitRequest(context)
    }
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    requestTimer?.cancel()
    if case .answering(let task) = state { task.cancel() }
    state = .closing
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard event is ServerStops else { return context.fireUserInboundEventTriggered(event) }
    isStopping = true
    switch state {
    case .waiting, .receiving, .closing: context.close(promise: nil)
    case .answering(let task): task.cancel()
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch (unwrapInboundIn(data), state) {
    case (_, .closing): break
    case (.head(let head), .waiting): state = .receiving(head, body: [])
    case (.body(let part), .receiving(let head, var body)):
      guard body.count + part.readableBytes <= limits.bodyBytes else {
        return refuse(context, .payloadTooLarge, "a request has at most \(limits.bodyBytes) bytes")
      }
      // The array must not be shared while it grows.
      state = .waiting
      body.append(contentsOf: part.readableBytesView)
      state = .receiving(head, body: body)
    case (.end, .receiving(let head, let body)): answer(context, head, body)
    // A request sent before the last one was answered; what is left of it is not looked at.
    default: context.close(promise: nil)
    }
  }

  private func awaitRequest(_ context: ChannelHandlerContext) {
    state = .waiting
    let channel = context.channel
    requestTimer?.cancel()
    requestTimer = context.eventLoop.scheduleTask(in: TimeAmount(limits.requestTime)) {
      channel.close(promise: nil)
    }
  }

  private func answer(_ context: ChannelHandlerContext, _ head: HTTPRequestHead, _ body: [UInt8]) {
    requestTimer?.cancel()
    guard let target = RequestTarget(head.uri) else {
      return refuse(context, .badRequest, "the path is malformed")
    }
    let request = ServerRequest(
      method: head.method.rawValue, path: target.path, query: target.query, body: body, listener: listener)
    let isKept = head.isKeepAlive && !isStopping
    let writer = ResponseWriter(
      channel: context.channel, writeTime: limits.writeTime, version: head.version,
      withoutBody: head.method == .HEAD, isKept: isKept)
    let written = context.eventLoop.makePromise(of: Void.self)
    let task = Task { [handler] in
      let response = await handler(request)
      do {
        try await writer.write(response)
        written.succeed()
      } catch {
        written.fail(error)
      }
    }
    state = .answering(task)
    written.futureResult.assumeIsolated().whenComplete { result in
      guard case .answering = self.state else { return }
      if case .success = result, isKept, !self.isStopping {
        self.awaitRequest(context)
      } else {
        self.state = .closing
        context.close(promise: nil)
      }
    }
  }

  /// Answers without asking the handler, and ends the connection.
  private func refuse(_ context: ChannelHandlerContext, _ status: HTTPResponseStatus, _ text: String) {
    state = .closing
    requestTimer?.cancel()
    let body = context.channel.allocator.buffer(string: text + "\n")
    let headers: NIOHTTP1.HTTPHeaders = [
      "Content-Type": "text/plain; charset=utf-8", "Content-Length": "\(body.readableBytes)",
      "Connection": "close",
    ]
    context.write(
      wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))),
      promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil))).assumeIsolated().whenComplete { _ in
      context.close(promise: nil)
    }
  }
}
