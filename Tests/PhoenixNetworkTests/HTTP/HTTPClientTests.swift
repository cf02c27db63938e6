import FoundationEssentials
import PhoenixCore
import PhoenixNetwork
import Testing

private struct Echo: Decodable {
  let method: String
  let headers: [String: String]
  let body: String
  let connection: Int
}

@Suite(.timeLimit(.minutes(1)))
struct HTTPClientTests {
  private func echo(_ response: HTTPResponse) throws -> Echo {
    try JSONDecoder().decode(Echo.self, from: Data(response.body))
  }

  @Test(arguments: HTTPRequest.Method.allCases, [nil, [], Array(#"{"a": 1}"#.utf8)])
  func sendsMethodAndBodyWithItsLength(method: HTTPRequest.Method, body: [UInt8]?) async throws {
    try await TestServer.with { server in
      let client = HTTPClient()
      let request = HTTPRequest(
        method, server.base + "/echo", headers: [HTTPHeader("Content-Type", "application/json")], body: body,
        label: "test")
      let seen = try echo(try await client.send(request))
      #expect(seen.method == method.rawValue)
      #expect(seen.body == String(decoding: body ?? [], as: UTF8.self))
      let length = seen.headers["content-length"]
      let alwaysHasLength = method != .get && method != .delete
      #expect(length == (body != nil || alwaysHasLength ? "\(body?.count ?? 0)" : nil))
      #expect(seen.headers["transfer-encoding"] == nil)
      #expect(seen.headers["expect"] == nil)
      #expect(seen.headers["content-type"] == "application/json")
    }
  }

  @Test func sendsPlainAndSecretHeadersAndNoContentTypeOfItsOwn() async throws {
    try await TestServer.with { server in
      let request = HTTPRequest(
        .post, server.base + "/echo",
        headers: [
          HTTPHeader("Authorization", secret: Secret("PVEAPIToken=root@pam!x=s3cret")),
          HTTPHeader("X-Plain", "a: b"),
          HTTPHeader("X-Empty", ""),
        ],
        body: [1], label: "test")
      let seen = try echo(try await HTTPClient().send(request))
      #expect(seen.headers["authorization"] == "PVEAPIToken=root@pam!x=s3cret")
      #expect(seen.headers["x-plain"] == "a: b")
      #expect(seen.headers["x-empty"] == "")
      #expect(seen.headers["content-type"] == nil)
      #expect(!"\(request)".contains("s3cret"))
    }
  }

  @Test func sendsABodyOfMegabytesWithoutWaiting() async throws {
    try await TestServer.with { server in
      let body = [UInt8](repeating: UInt8(ascii: "b"), count: 3 << 20)
      let request = HTTPRequest(.put, server.base + "/echo", body: body, label: "test")
      let seen = try echo(try await HTTPClient().send(request))
      #expect(seen.body.utf8.count == body.count)
    }
  }

  @Test func readsHeadersWhateverTheirCase() async throws {
    try await TestServer.with { server in
      let response = try await HTTPClient().send(server.get("/echo"))
      #expect(response.headers["X-TWICE"] == "one")
      #expect(response.headers.values(of: "x-twice") == ["one", "two"])
      #expect(response.headers["x-empty"] == "")
      #expect(response.headers["x-missing"] == nil)
    }
  }

  @Test(arguments: [200, 201, 301, 302, 307, 400, 401, 403, 404, 500, 503, 596])
  func givesEveryStatusAndFollowsNoRedirect(status: Int) async throws {
    try await TestServer.with { server in
      let response = try await HTTPClient().send(server.get("/status?code=\(status)"))
      #expect(response.status == status)
      #expect(response.text == "said so")
    }
  }

  @Test func keepsOnlyTheHeadersOfTheLastAnswer() async throws {
    try await TestServer.with { server in
      let response = try await HTTPClient().send(server.get("/early-hints"))
      #expect(response.status == 200)
      #expect(response.text == "final")
      #expect(response.headers["X-Hint"] == nil)
    }
  }

  @Test func keepsToItsConnectionsForReads() async throws {
    try await TestServer.with { server in
      let client = HTTPClient(maxConnectionsPerHost: 4)
      try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<200 {
          group.addTask {
            let response = try await client.send(server.get("/status?code=200"))
            return response.status
          }
        }
        for try await status in group { #expect(status == 200) }
      }
      let counts = try await server.counts(by: client)
      #expect(counts.requests == 201)
      #expect(counts.accepted <= 4)
    }
  }

  @Test func givesEachMutationAConnectionOfItsOwn() async throws {
    try await TestServer.with { server in
      let client = HTTPClient()
      var connections: Set<Int> = []
      for _ in 0..<3 {
        connections.insert(try echo(try await client.send(server.get("/echo"))).connection)
      }
      #expect(connections.count == 1)
      for _ in 0..<3 {
        let request = HTTPRequest(.post, server.base + "/echo", label: "test")
        connections.insert(try echo(try await client.send(request)).connection)
      }
      #expect(connections.count == 4)
    }
  }

  @Test func repeatsAReadButNoMutationWhenAKeptConnectionIsDead() async throws {
    try await TestServer.with { server in
      let client = HTTPClient()
      for _ in 0..<5 {
        let answer = try await client.send(server.get("/once"))
        #expect(answer.text == "once")
        try await Task.sleep(for: .milliseconds(120))
      }
      let error = await transportError {
        try await client.send(HTTPRequest(.post, server.base + "/hangup", label: "test"))
      }
      #expect(error?.kind == .reset)
      let counts = try await server.counts(by: client)
      #expect(counts.requests == 5 + 1 + 1)
    }
  }

  @Test func countsByLabel() async throws {
    try await TestServer.with { server in
      let client = HTTPClient()
      _ = try await client.send(server.get("/echo"))
      _ = try await client.send(server.get("/status?code=500"))
      _ = try await client.send(HTTPRequest(.post, server.base + "/echo", label: "other"))
      _ = await transportError { try await client.send(server.get("/half")) }
      let counts = client.counters.snapshot
      #expect(counts["test"]?.requests == 3)
      #expect(counts["test"]?.refusals == 1)
      #expect(counts["test"]?.transportErrors == 1)
      #expect(counts["test"]?.mutations == 0)
      #expect(counts["test"]?.buckets.last == 3)
      #expect(counts["other"]?.mutations == 1)
    }
  }
}
