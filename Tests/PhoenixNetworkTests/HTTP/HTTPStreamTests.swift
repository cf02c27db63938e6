import Glibc
import PhoenixCore
import PhoenixNetwork
import Testing

@Suite(.timeLimit(.minutes(1)))
struct HTTPStreamTests {
  @Test func givesPiecesAsTheyComeOverAUnixSocket() async throws {
    try await TestServer.with(.init(isUnix: true)) { server in
      let request = HTTPRequest(.get, "http://phoenix/lines?count=5&pause=0.02", label: "test")
      let stream = try await HTTPClient().stream(request, unixSocket: server.unixSocket)
      #expect(stream.status == 200)
      #expect(stream.headers["X-Head"] == "early")
      var text = ""
      var pieces = 0
      for try await piece in stream.body {
        text += String(decoding: piece, as: UTF8.self)
        pieces += 1
      }
      #expect(text == (0..<5).map { "{\"line\": \($0)}\n" }.joined())
      #expect(pieces > 1)
    }
  }

  @Test func hasNoDeadlineOnceTheHeadIsThere() async throws {
    try await TestServer.with { server in
      let request = server.get("/lines?count=5&pause=1", timeout: .seconds(4))
      var bytes = 0
      for try await piece in try await HTTPClient().stream(request).body { bytes += piece.count }
      #expect(bytes == 5 * 12)
    }
  }

  @Test func throwsWhenTheConnectionBreaks() async throws {
    try await TestServer.with { server in
      let stream = try await HTTPClient().stream(server.get("/lines?count=2&break=1"))
      let error = await transportError { for try await _ in stream.body {} }
      #expect(error?.kind == .reset)
    }
  }

  @Test func noHeadInTimeIsATimeout() async throws {
    try await TestServer.with { server in
      let error = await transportError {
        try await HTTPClient().stream(server.get("/slow?seconds=30", timeout: .milliseconds(300)))
      }
      #expect(error?.kind == .timeout)
    }
  }

  @Test func leavingTheStreamFreesItsConnection() async throws {
    try await TestServer.with { server in
      let client = HTTPClient(maxConnectionsPerHost: 1)
      let reader = Task {
        let stream = try await client.stream(server.get("/lines?count=1000&pause=0.05"))
        for try await _ in stream.body { return }
      }
      try await reader.value
      let answer = try await client.send(server.get("/status?code=204", timeout: .seconds(20)))
      #expect(answer.status == 204)
    }
  }

  @Test func aReaderThatNeverReadsLosesTheConnectionInsteadOfMemory() async throws {
    try await TestServer.with { server in
      let client = HTTPClient()
      // 125 MB come in a moment; at most 1024 pieces may wait.
      let stream = try await client.stream(server.get("/big-chunks?count=2000"))
      while client.counters.snapshot["test"] == nil { try await Task.sleep(for: .milliseconds(10)) }
      var bytes = 0
      let error = await transportError { for try await piece in stream.body { bytes += piece.count } }
      #expect(error?.kind == .tooLarge)
      #expect(bytes <= 1024 * 16384)
    }
  }
}

@Suite(.timeLimit(.minutes(1)))
struct UnixSocketTests {
  private let request = HTTPRequest(.get, "http://phoenix/echo", label: "test")

  @Test func aMissingSocketSaysSo() async {
    let error = await transportError {
      try await HTTPClient().send(request, unixSocket: "/nonexistent/phoenix.sock")
    }
    #expect(error?.kind == .socketMissing)
    #expect(error?.endpoint == "/nonexistent/phoenix.sock")
  }

  @Test func aSocketNobodyListensOnIsRefused() async throws {
    try await Scratch.with { path in
      let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
      defer { close(descriptor) }
      try RawSocket.onUnixAddress("\(path)/socket") { bind(descriptor, $0, $1) }
      let error = await transportError { try await HTTPClient().send(request, unixSocket: "\(path)/socket") }
      #expect(error?.kind == .refused)
    }
  }

  // Nothing is denied to root.
  @Test(.enabled(if: geteuid() != 0)) func aSocketThatMayNotBeUsedIsDenied() async throws {
    try await TestServer.with(.init(isUnix: true)) { server in
      let path = try #require(server.unixSocket)
      chmod(path, 0)
      let error = await transportError { try await HTTPClient().send(request, unixSocket: path) }
      #expect(error?.kind == .socketDenied)
      #expect(error?.isTransient == false)
    }
  }
}
