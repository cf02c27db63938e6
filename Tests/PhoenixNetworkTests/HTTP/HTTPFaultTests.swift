import Glibc
import PhoenixCore
import PhoenixNetwork
import Testing

@Suite(.timeLimit(.minutes(1)))
struct HTTPFaultTests {
  struct Fault: Sendable, CustomTestStringConvertible {
    let path: String
    let kind: TransportError.Kind
    var testDescription: String { path }
  }

  @Test(arguments: [
    Fault(path: "/half", kind: .reset), Fault(path: "/garbage", kind: .reset),
    Fault(path: "/reset", kind: .reset),
    Fault(path: "/hangup", kind: .reset), Fault(path: "/slow?seconds=20", kind: .timeout),
    Fault(path: "/lines?count=1&break=1", kind: .reset), Fault(path: "/big?bytes=2000000", kind: .tooLarge),
    Fault(path: "/big-chunks?count=30", kind: .tooLarge), Fault(path: "/headers?count=500", kind: .tooLarge),
  ])
  func namesTheFaultAndGoesOn(fault: Fault) async throws {
    try await TestServer.with { server in
      let client = HTTPClient()
      let timeout: Duration = fault.kind == .timeout ? .milliseconds(300) : .seconds(30)
      let request = server.get(fault.path, timeout: timeout, maximumBodyBytes: 1 << 20)
      let error = await transportError { try await client.send(request) }
      #expect(error?.kind == fault.kind, "\(error.map(\.text) ?? "")")
      #expect(error?.endpoint == server.base)
      let answer = try await client.send(server.get("/status?code=204"))
      #expect(answer.status == 204)
    }
  }

  @Test func takesABodyOfExactlyTheMostBytes() async throws {
    try await TestServer.with { server in
      let client = HTTPClient()
      let whole = try await client.send(server.get("/big?bytes=1048576", maximumBodyBytes: 1 << 20))
      #expect(whole.body.count == 1 << 20)
      let error = await transportError {
        try await client.send(server.get("/big?bytes=1048577", maximumBodyBytes: 1 << 20))
      }
      #expect(error?.kind == .tooLarge)
    }
  }

  @Test func refusedIsRefused() async throws {
    let (holder, port) = try RawSocket.closedPort()
    defer { close(holder) }
    let error = await transportError {
      try await HTTPClient().send(HTTPRequest(.get, "http://127.0.0.1:\(port)/", label: "test"))
    }
    #expect(error?.kind == .refused)
    #expect(error?.isTransient == true)
  }

  @Test func aNameThatCannotBeResolvedSaysSo() async throws {
    let error = await transportError {
      try await HTTPClient().send(
        HTTPRequest(.get, "http://nothing.invalid/", timeout: .seconds(20), label: "test"))
    }
    #expect(error?.kind == .resolve || error?.kind == .timeout)
  }

  @Test func timesOutWhileWaitingForAConnection() async throws {
    try await TestServer.with { server in
      let client = HTTPClient(maxConnectionsPerHost: 1)
      let hog = Task { try await client.send(server.get("/slow?seconds=30", timeout: .seconds(30))) }
      try await server.waitForSlow(1)
      let started = ContinuousClock.now
      let error = await transportError {
        try await client.send(server.get("/echo", timeout: .milliseconds(300)))
      }
      #expect(error?.kind == .timeout)
      #expect(.now - started < .seconds(10))
      hog.cancel()
      let cancelled = await transportError { try await hog.value }
      #expect(cancelled?.kind == .cancelled)
      let answer = try await client.send(server.get("/echo"))
      #expect(answer.status == 200)
    }
  }

  @Test func cancellingEndsTheRequestAndLeavesTheClientUsable() async throws {
    try await TestServer.with { server in
      let client = HTTPClient()
      let started = ContinuousClock.now
      let tasks = (0..<20).map { _ in
        Task { try await client.send(server.get("/slow?seconds=30", timeout: .seconds(60))) }
      }
      try await server.waitForSlow(6)
      for task in tasks { task.cancel() }
      for task in tasks {
        let error = await transportError { try await task.value }
        #expect(error?.kind == .cancelled)
      }
      #expect(.now - started < .seconds(20))
      let answer = try await client.send(server.get("/echo"))
      #expect(answer.status == 200)
    }
  }

  @Test func aCancelledTaskAsksNothing() async throws {
    try await TestServer.with { server in
      let client = HTTPClient()
      let task = Task {
        try? await Task.sleep(for: .seconds(60))
        return try await client.send(server.get("/echo"))
      }
      task.cancel()
      let error = await transportError { try await task.value }
      #expect(error?.kind == .cancelled)
      let counts = try await server.counts(by: client)
      #expect(counts.requests == 1)
    }
  }

  @Test func shutdownEndsWhatIsUnderWay() async throws {
    try await TestServer.with { server in
      let client = HTTPClient()
      let task = Task { try await client.send(server.get("/slow?seconds=30", timeout: .seconds(60))) }
      try await server.waitForSlow(1)
      await client.shutdown()
      let error = await transportError { try await task.value }
      #expect(error?.kind == .cancelled)
      let later = await transportError { try await client.send(server.get("/echo")) }
      #expect(later?.kind == .cancelled)
    }
  }

  struct BadRequest: Sendable, CustomTestStringConvertible {
    let url: String
    var headers: [HTTPHeader] = []
    var testDescription: String { url + (headers.first.map { " with \($0.name)" } ?? "") }
  }

  @Test(arguments: [
    BadRequest(url: "file:///etc/passwd"), BadRequest(url: "ftp://127.0.0.1/"),
    BadRequest(url: "gopher://127.0.0.1/"),
    BadRequest(url: "127.0.0.1"), BadRequest(url: ""), BadRequest(url: "http://user:pass@127.0.0.1/"),
    BadRequest(url: "http://127.0.0.1/a b"), BadRequest(url: "http://127.0.0.1/\r\nX: y"),
    BadRequest(url: "http://127.0.0.1:99999/"), BadRequest(url: "http://127.0.0.1/ä"),
    BadRequest(url: "http://127.0.0.1/", headers: [HTTPHeader("X", "a\r\nY: b")]),
    BadRequest(url: "http://127.0.0.1/", headers: [HTTPHeader("X: y", "a")]),
    BadRequest(url: "http://127.0.0.1/", headers: [HTTPHeader("", "a")]),
    BadRequest(url: "http://127.0.0.1/", headers: [HTTPHeader("Token", secret: Secret("canary\n"))]),
  ])
  func refusesWhatIsNoRequest(request: BadRequest) async {
    let error = await transportError {
      try await HTTPClient().send(HTTPRequest(.get, request.url, headers: request.headers, label: "test"))
    }
    #expect(error?.kind == .invalidRequest)
    #expect(error.map { "\($0)" }?.contains("canary") == false)
    #expect(error.map { "\($0)" }?.contains("pass") == false)
  }

  @Test func theEnvironmentsProxyIsIgnored() async throws {
    try await TestServer.with { server in
      setenv("http_proxy", "http://127.0.0.1:1", 1)
      defer { unsetenv("http_proxy") }
      let answer = try await HTTPClient().send(server.get("/echo"))
      #expect(answer.status == 200)
    }
  }
}
