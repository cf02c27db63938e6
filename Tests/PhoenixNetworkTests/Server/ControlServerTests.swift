import Glibc
import PhoenixCore
import PhoenixHost
import PhoenixNetwork
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ControlServerTests {
  /// Runs a server on a path of its own while `use` does.
  private func withServer<Result>(
    limits: ServerLimits = ServerLimits(),
    handler: @escaping @Sendable (ServerRequest) async -> ServerResponse = echo,
    _ use: (String, ControlServer) async throws -> Result
  ) async throws -> Result {
    try await Scratch.with { path in
      let server = ControlServer(limits: limits, handler: handler)
      try await server.serve(path: "\(path)/socket", name: "admin")
      do {
        let result = try await use("\(path)/socket", server)
        await server.shutdown()
        return result
      } catch {
        await server.shutdown()
        throw error
      }
    }
  }

  private static func echo(_ request: ServerRequest) async -> ServerResponse {
    let query = request.query.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(
      separator: ";")
    return ServerResponse(
      status: 200,
      text: "\(request.method) \(request.path) [\(query)] \(request.body.count) \(request.listener)")
  }

  private func request(
    _ method: HTTPRequest.Method = .get, _ target: String, body: [UInt8]? = nil,
    timeout: Duration = .seconds(20)
  ) -> HTTPRequest {
    HTTPRequest(method, "http://phoenix" + target, body: body, timeout: timeout, label: "test")
  }

  @Test func givesTheHandlerWhatWasAsked() async throws {
    try await withServer { path, _ in
      let client = HTTPClient()
      let get = try await client.send(
        request(.get, "/v1/plan?target=a%2Fb&x&y=1=2&target=c%20d"), unixSocket: path)
      #expect(get.text == "GET /v1/plan [target=c d;x=;y=1=2] 0 admin")
      #expect(get.headers["content-type"] == "text/plain; charset=utf-8")
      let post = try await client.send(
        request(.post, "/v1/apply", body: Array("hello".utf8)), unixSocket: path)
      #expect(post.text == "POST /v1/apply [] 5 admin")
    }
  }

  @Test func doesRoundsWhileAHandlerTakesItsTime() async throws {
    let asked = AsyncStream<Void>.makeStream()
    try await withServer(handler: { request in
      asked.continuation.yield()
      try? await Task.sleep(for: .seconds(60))
      return ServerResponse(status: 200, text: request.path)
    }) { path, server in
      #expect(await server.round())
      let client = Task { try? await HTTPClient().send(request(.get, "/slow"), unixSocket: path) }
      for await _ in asked.stream { break }
      #expect(await server.round())
      client.cancel()
      _ = await client.value
    }
  }

  @Test(arguments: ["/%", "/%zz", "/%ff", "/a%00b", "/?a=%f"])
  func refusesABadlyEncodedPath(target: String) async throws {
    try await withServer { path, _ in
      let answer = try await HTTPClient().send(request(.get, target), unixSocket: path)
      #expect(answer.status == 400)
    }
  }

  @Test(arguments: [
    "garbage\r\n\r\n", "GET http://elsewhere/ HTTP/1.1\r\nHost: x\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
    "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
  ])
  func refusesWhatIsNoRequest(text: String) async throws {
    try await withServer { path, _ in
      let answer = try await RawSocket.exchange(path, Array(text.utf8))
      #expect(answer.hasPrefix("HTTP/1.1 400") || answer.isEmpty, "\(answer)")
      let after = try await HTTPClient().send(request(.get, "/"), unixSocket: path)
      #expect(after.status == 200)
    }
  }

  @Test func limitsBodies() async throws {
    var limits = ServerLimits()
    limits.bodyBytes = 1000
    try await withServer(limits: limits) { path, _ in
      let client = HTTPClient()
      let most = try await client.send(
        request(.post, "/", body: [UInt8](repeating: 1, count: 1000)), unixSocket: path)
      #expect(most.text == "POST / [] 1000 admin")
      let over = try await client.send(
        request(.post, "/", body: [UInt8](repeating: 1, count: 1001)), unixSocket: path)
      #expect(over.status == 413)
    }
  }

  @Test func limitsConnectionsOfEachListenerByItself() async throws {
    var limits = ServerLimits()
    limits.connectionsOfUser = 2
    try await withServer(limits: limits) { path, server in
      try await server.serve(path: path + "-status", name: "status")
      let hogs = try (0..<2).map { _ in try RawSocket.connected(to: path) }
      defer { for hog in hogs { close(hog) } }
      let refused = try await RawSocket.exchange(path, [])
      #expect(refused.hasPrefix("HTTP/1.1 503"))
      let other = try await HTTPClient().send(request(.get, "/"), unixSocket: path + "-status")
      #expect(other.text.hasSuffix("status"))
    }
  }

  @Test("Who takes all of his connections keeps nobody else from theirs", .enabled(if: geteuid() == 0))
  func limitsConnectionsOfEachUserByHimself() async throws {
    var limits = ServerLimits()
    limits.connectionsOfUser = 2
    try await withServer(limits: limits) { path, _ in
      chmod(String(path.dropLast("/socket".count)), 0o711)
      chmod(path, 0o666)
      let hogs = try (0..<2).map { _ in try RawSocket.connected(to: path) }
      defer { for hog in hogs { close(hog) } }
      #expect(try await RawSocket.exchange(path, []).hasPrefix("HTTP/1.1 503"))
      let script = """
        import socket, sys
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(sys.argv[1])
        connection.sendall(b"GET / HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n")
        print(connection.makefile().read())
        """
      let other = try await Processes.run(
        ProcessCommand([
          "/usr/bin/setpriv", "--reuid=65534", "--clear-groups", "/usr/bin/python3", "-c", script, path,
        ]))
      #expect(
        String(decoding: other.stdout, as: UTF8.self).hasPrefix("HTTP/1.1 200"), "\(other.account)")
    }
  }

  @Test func closesAClientThatNeverFinishesItsRequest() async throws {
    var limits = ServerLimits()
    limits.requestTime = .milliseconds(200)
    try await withServer(limits: limits) { path, _ in
      let answer = try await RawSocket.exchange(path, Array("GET / HTTP/1.1\r\nX: ".utf8))
      #expect(answer.isEmpty)
    }
  }

  @Test func keepsConnections() async throws {
    var limits = ServerLimits()
    limits.connectionsOfUser = 1
    try await withServer(limits: limits) { path, _ in
      let client = HTTPClient(maxConnectionsPerHost: 1)
      for _ in 0..<20 {
        let answer = try await client.send(request(.get, "/"), unixSocket: path)
        #expect(answer.status == 200)
        #expect(answer.headers["connection"] == nil)
      }
    }
  }

  @Test func endsAConnectionWhoseClientDoesNotWait() async throws {
    let slow: @Sendable (ServerRequest) async -> ServerResponse = { _ in
      try? await Task.sleep(for: .seconds(30))
      return ServerResponse(status: 200, text: "late")
    }
    try await withServer(handler: slow) { path, _ in
      let twice = "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n"
      let answer = try await RawSocket.exchange(path, Array(twice.utf8))
      #expect(answer.isEmpty)
    }
  }

  @Test func answersHeadWithoutABody() async throws {
    try await withServer { path, _ in
      let text = try await RawSocket.exchange(
        path, Array("HEAD / HTTP/1.1\r\nConnection: close\r\n\r\n".utf8))
      #expect(text.hasPrefix("HTTP/1.1 200"))
      #expect(text.contains("Content-Length: 17\r\n"))
      #expect(text.hasSuffix("\r\n\r\n"))
    }
  }

  @Test func aClientThatGoesCancelsItsHandler() async throws {
    let (events, told) = AsyncStream.makeStream(of: String.self)
    let handler: @Sendable (ServerRequest) async -> ServerResponse = { _ in
      told.yield("asked")
      try? await Task.sleep(for: .seconds(60))
      if Task.isCancelled { told.yield("cancelled") }
      return ServerResponse(status: 200, text: "late")
    }
    try await withServer(handler: handler) { path, _ in
      let client = HTTPClient()
      let task = Task { try await client.send(request(.get, "/", timeout: .seconds(60)), unixSocket: path) }
      var iterator = events.makeAsyncIterator()
      #expect(await iterator.next() == "asked")
      task.cancel()
      #expect(await iterator.next() == "cancelled")
    }
  }

  @Test func aClientThatGoesEndsItsStream() async throws {
    let (ended, told) = AsyncStream.makeStream(of: Void.self)
    let handler: @Sendable (ServerRequest) async -> ServerResponse = { _ in
      let (pieces, producer) = AsyncStream.makeStream(of: [UInt8].self)
      producer.onTermination = { _ in told.yield() }
      producer.yield(Array("{}\n".utf8))
      return ServerResponse(contentType: "application/x-ndjson", body: .stream(pieces))
    }
    try await withServer(handler: handler) { path, _ in
      let reader = Task {
        for try await _ in try await HTTPClient().stream(request(.get, "/"), unixSocket: path).body { return }
      }
      try await reader.value
      var iterator = ended.makeAsyncIterator()
      #expect(await iterator.next() != nil)
    }
  }

  @Test func streamsPieceByPiece() async throws {
    let (pieces, producer) = AsyncStream.makeStream(of: [UInt8].self)
    let handler: @Sendable (ServerRequest) async -> ServerResponse = { _ in
      ServerResponse(contentType: "application/x-ndjson", body: .stream(pieces))
    }
    try await withServer(handler: handler) { path, _ in
      let stream = try await HTTPClient().stream(request(.get, "/"), unixSocket: path)
      #expect(stream.headers["content-type"] == "application/x-ndjson")
      var iterator = stream.body.makeAsyncIterator()
      // Each must arrive before the next is made.
      for index in 0..<5 {
        producer.yield(Array("line \(index)\n".utf8))
        #expect(try await iterator.next() == Array("line \(index)\n".utf8))
      }
      producer.finish()
      #expect(try await iterator.next() == nil)
    }
  }

  @Test func shutdownEndsStreamsWellAndAtOnce() async throws {
    let handler: @Sendable (ServerRequest) async -> ServerResponse = { _ in
      let (pieces, producer) = AsyncStream.makeStream(of: [UInt8].self)
      producer.yield(Array("first\n".utf8))
      return ServerResponse(body: .stream(pieces))
    }
    var limits = ServerLimits()
    limits.graceTime = .seconds(30)
    try await withServer(limits: limits, handler: handler) { path, server in
      let stream = try await HTTPClient().stream(request(.get, "/"), unixSocket: path)
      var iterator = stream.body.makeAsyncIterator()
      #expect(try await iterator.next() == Array("first\n".utf8))
      let started = ContinuousClock.now
      await server.shutdown()
      #expect(.now - started < .seconds(10))
      // The end of the chunks, not a broken connection.
      #expect(try await iterator.next() == nil)
      let later = await transportError { try await HTTPClient().send(request(.get, "/"), unixSocket: path) }
      #expect(later?.kind == .refused || later?.kind == .socketMissing)
    }
  }

  @Test func shutdownDoesNotWaitForAHandlerThatIgnoresIt() async throws {
    let (release, releaser) = AsyncStream.makeStream(of: Void.self)
    let (asked, told) = AsyncStream.makeStream(of: Void.self)
    let handler: @Sendable (ServerRequest) async -> ServerResponse = { _ in
      told.yield()
      let waiter = Task { for await _ in release { break } }
      await waiter.value
      return ServerResponse(status: 200, text: "late")
    }
    try await withServer(handler: handler) { path, server in
      let client = HTTPClient()
      let task = Task { try await client.send(request(.get, "/", timeout: .seconds(30)), unixSocket: path) }
      var iterator = asked.makeAsyncIterator()
      _ = await iterator.next()
      await server.shutdown()
      let error = await transportError { try await task.value }
      #expect(error?.kind == .reset)
      releaser.finish()
    }
  }

  @Test func adoptsAListeningSocket() async throws {
    try await Scratch.with { path in
      let descriptor = try RawSocket.unixListener("\(path)/socket")
      let server = ControlServer(handler: Self.echo)
      try await server.serve(descriptor: descriptor, name: "status")
      let answer = try await HTTPClient().send(request(.get, "/healthz"), unixSocket: "\(path)/socket")
      #expect(answer.text == "GET /healthz [] 0 status")
      await server.shutdown()
    }
  }

  @Test func refusesADescriptorThatDoesNotListen() async throws {
    let server = ControlServer(handler: Self.echo)
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    await #expect(throws: Failure.self) { try await server.serve(descriptor: descriptor, name: "admin") }
    await #expect(throws: Failure.self) { try await server.serve(path: "/nonexistent/socket", name: "admin") }
    await server.shutdown()
    await #expect(throws: Failure.self) { try await server.serve(path: "/nonexistent/socket", name: "admin") }
  }

  @Test func survivesManyClientsAtOnce() async throws {
    try await withServer { path, _ in
      let client = HTTPClient(maxConnectionsPerHost: 16)
      try await withThrowingTaskGroup(of: Int.self) { group in
        for index in 0..<200 {
          group.addTask {
            let answer = try await client.send(
              request(index % 2 == 0 ? .get : .post, "/\(index)"), unixSocket: path)
            return answer.status
          }
        }
        for try await status in group { #expect(status == 200) }
      }
    }
  }
}
