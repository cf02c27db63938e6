import FoundationEssentials
import PhoenixCore
import PhoenixNetwork

/// What is asked of Traefik, at its entry point mesh: its API, which only tells, and requests through its routers.
struct TraefikAPI: Sendable {
  let client: HTTPClient
  let identity: TLSIdentity
  let trust: TLSTrust
  /// Where the entry point is.
  let address: HostAndPort
  /// The name that its certificate must be for.
  let serverName: String
  /// The host name of the API.
  let apiHost: String
  /// How long one answer is waited for.
  let timeout: Duration

  /// The most pages that are read.
  private static let maximumPages = 50

  /// A router as Traefik says it.
  struct Router: Decodable, Equatable {
    struct TLS: Decodable, Equatable {
      var options: String?
      var passthrough: Bool?
    }
    let name: String
    var rule: String?
    var service: String?
    var entryPoints: [String]?
    var using: [String]?
    var status: String?
    var error: [String]?
    var provider: String?
    var tls: TLS?

    /// Whether it is a router of this name, or a part of it: one that has several entry points is taken apart, and the
    /// entry point's name stands before that of each part.
    func isPart(of name: String) -> Bool {
      self.name == name || (using ?? []).contains { self.name == "\($0)-\(name)" }
    }
  }

  /// A service as Traefik says it.
  struct Service: Decodable, Equatable {
    struct Balancer: Decodable, Equatable {
      struct Server: Decodable, Equatable { var url: String? }
      var servers: [Server]?
    }
    let name: String
    var loadBalancer: Balancer?
    var status: String?
    var error: [String]?
  }

  /// A middleware as Traefik says it.
  struct Middleware: Decodable, Equatable { let name: String }

  /// What came of a request through a router.
  struct Answer: Equatable {
    let status: Int
    /// Whether one of its routers answered, and not Traefik itself.
    let isRouted: Bool
  }

  /// Maps to `GET /api/http/routers`, page by page.
  func routers() async throws(Failure) -> [Router] { try await list("routers") }

  /// Maps to `GET /api/tcp/routers`, page by page.
  func streamRouters() async throws(Failure) -> [Router] { try await list("routers", of: "tcp") }

  /// Maps to `GET /api/http/services`, page by page.
  func services() async throws(Failure) -> [Service] { try await list("services") }

  /// Maps to `GET /api/http/middlewares`, page by page.
  ///
  /// - Returns: The hashes of the files of ours that are loaded: one, or none.
  /// - Throws: When they could not be read.
  func loaded() async throws(Failure) -> [String] {
    let all: [Middleware] = try await list("middlewares")
    return all.map(\.name).filter { $0.hasPrefix(DynamicFile.loadedMark) && $0.hasSuffix("@file") }
      .map { String($0.dropFirst(DynamicFile.loadedMark.count).dropLast("@file".count)) }.sorted()
  }

  /// Asks for something as the gateway does.
  func ask(host: String, path: String) async throws(TransportError) -> Answer {
    let response = try await send(host: host, path: path)
    return Answer(
      status: response.status, isRouted: response.headers[DynamicFile.routeHeader] != nil)
  }

  private func list<Item: Decodable>(_ kind: String, of layer: String = "http") async throws(Failure)
    -> [Item]
  {
    let doing = "read Traefik's \(layer == "tcp" ? "TCP " : "")\(kind)"
    var items: [Item] = []
    var page = 1
    for _ in 0..<Self.maximumPages {
      let response: HTTPResponse
      do throws(TransportError) {
        response = try await send(host: apiHost, path: "/api/\(layer)/\(kind)?per_page=200&page=\(page)")
      } catch {
        throw error.failure(doing: doing)
      }
      guard response.status == 200 else {
        throw Failure(
          .transient, doing: doing, expected: "status 200", got: "status \(response.status)",
          hint: hint(at: response.status), endpoint: endpoint)
      }
      guard let part = try? JSONDecoder().decode([Item].self, from: Data(response.body)) else {
        throw Failure(.transient, doing: doing, got: "an answer that is not Traefik's", endpoint: endpoint)
      }
      items += part
      // After the last page the first one comes next.
      guard let next = response.headers["X-Next-Page"].flatMap({ Int($0) }), next > 1 else { return items }
      guard next == page + 1 else {
        throw Failure(.transient, doing: doing, got: "pages in no order", endpoint: endpoint)
      }
      page = next
    }
    throw Failure(.transient, doing: doing, got: "more than \(Self.maximumPages) pages", endpoint: endpoint)
  }

  /// What it says, for people.
  static func shown(_ text: String) -> String { String(text.prefix(300)).escapedForTerminals }

  private func hint(at status: Int) -> String? {
    switch status {
    case 404: "it has not loaded our file, which opens its API"
    case 500...: nil
    default: "another router may take what is asked of its API: look for files beside ours, and at labels"
    }
  }

  private var endpoint: String { "https://\(serverName):\(address.port)" }

  private func send(host: String, path: String) async throws(TransportError) -> HTTPResponse {
    try await client.send(
      HTTPRequest(
        .get, endpoint + path, headers: [HTTPHeader("Host", host)], timeout: timeout,
        maximumBodyBytes: 8 << 20, label: "traefik", connectingTo: address), trust: trust, identity: identity)
  }
}
