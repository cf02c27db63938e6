import PhoenixCore
import PhoenixNetwork

extension Swarm {
  /// The Docker API of one manager.
  struct API: Sendable {
    /// What is asked.
    enum Question: Sendable {
      case nodes
      case services
      /// The tasks that should run.
      case tasks
      /// All tasks of some services that the managers remember, by the services' ids.
      case history([String])
    }

    let client: HTTPClient
    /// Such as `https://10.0.0.111:2376`.
    let manager: String
    let identity: TLSIdentity
    let trust: TLSTrust
    /// The name of what `identity` shows, for people.
    let certificate: String
    let requestLimit: Duration
    /// When the look must be over.
    let end: ContinuousClock.Instant

    /// `GET /_ping`: the version to speak, the newest that both know.
    func version() async throws(Failure) -> APIVersion {
      let doing = "ask \(manager) for the version of its API"
      let response = try await send("/_ping", limit: 4096, doing)
      guard response.status == 200 else { throw failure(response, doing) }
      guard let theirs = response.headers["Api-Version"].flatMap({ APIVersion($0) }) else {
        throw Failure(
          .transient, doing: doing, expected: "an Api-Version", got: "none",
          hint: "check that \(manager) is a Docker API", endpoint: manager)
      }
      guard theirs >= .oldest else {
        throw Failure(
          .permanent, doing: doing, expected: "\(APIVersion.oldest) or newer", got: "\(theirs)",
          hint: "install Docker 20.10 or newer")
      }
      return min(theirs, .newest)
    }

    /// Asks, and reads the answer.
    func ask<Value: Sendable>(
      _ question: Question, _ version: APIVersion, _ decode: (Node) throws(Unexpected) -> Value
    ) async throws(Failure) -> Value {
      let doing = "\(question.doing) of \(manager)"
      let response = try await send("/v\(version)\(question.path)", limit: question.limit, doing)
      guard response.status == 200 else { throw failure(response, doing) }
      do throws(Unexpected) {
        guard let root = JSONText.parse(response.body, file: question.path).root else {
          throw Unexpected(what: "JSON from Docker")
        }
        return try decode(root)
      } catch {
        throw Failure(
          .transient, doing: doing, expected: error.what,
          got: "\(response.body.count) bytes of something else",
          hint: "check that \(manager) is a Docker API, of a version that Phoenix knows", endpoint: manager)
      }
    }

    private func send(_ path: String, limit: Int, _ doing: String) async throws(Failure) -> HTTPResponse {
      let left = ContinuousClock.now.duration(to: end)
      guard left > .zero else {
        throw Failure(
          .transient, doing: doing, got: "the managers answer too slowly, so this was not asked in time",
          endpoint: manager)
      }
      let request = HTTPRequest(
        .get, manager + path, timeout: min(requestLimit, left), maximumBodyBytes: limit,
        label: SystemName.swarm.rawValue)
      do throws(TransportError) {
        return try await client.send(request, trust: trust, identity: identity)
      } catch {
        let plain = error.failure(doing: doing)
        throw Failure(
          plain.persistence, doing: doing, got: plain.got, hint: hint(error) ?? plain.hint, endpoint: manager)
      }
    }

    /// Whom the manager does not let in sees the connection end, at the handshake or without an answer.
    private func hint(_ error: TransportError) -> String? {
      guard error.kind == .reset else { return nil }
      return "2376 answers only the clients that it knows; is \(certificate) among them?"
    }

    private func failure(_ response: HTTPResponse, _ doing: String) -> Failure {
      let said = JSONText.parse(response.body, file: "answer").root?["message"]?.string
      let message = said.flatMap(Swarm.line)
      let got = message.map { "\($0) (status \(response.status))" } ?? "status \(response.status)"
      var hint: String?
      if got.contains("not a swarm manager") {
        hint = "docker.managers in phoenixd.json must name managers; workers cannot tell of the swarm"
      } else if got.contains("does not have a leader") {
        hint = "start managers again until more than half of them run"
      }
      return Failure(
        response.status >= 500 ? .transient : .permanent, doing: doing, got: got, hint: hint,
        endpoint: manager)
    }
  }

  /// A version of the Docker API.
  struct APIVersion: Comparable, Sendable, CustomStringConvertible {
    let minor: Int

    /// Docker 20.10: the first that tells of services how many tasks run.
    static let oldest = APIVersion(minor: 41)
    /// Docker 27: the newest whose nodes, services and tasks are known here. Docker 29 takes 1.44 and newer.
    static let newest = APIVersion(minor: 47)

    private init(minor: Int) { self.minor = minor }

    /// Reads `1.41`; nil for anything else, as there never was another major version.
    init?(_ text: String) {
      let parts = text.split(separator: ".", omittingEmptySubsequences: false)
      guard parts.count == 2, parts[0] == "1", let minor = Int(parts[1]), (0...999).contains(minor) else {
        return nil
      }
      self.minor = minor
    }

    var description: String { "1.\(minor)" }

    static func < (left: APIVersion, right: APIVersion) -> Bool { left.minor < right.minor }
  }
}

extension Swarm.API.Question {
  fileprivate var path: String {
    switch self {
    case .nodes: "/nodes"
    case .services: "/services?status=true"
    case .tasks: "/tasks?" + FormText.encode([("filters", #"{"desired-state":["running"]}"#)])
    case .history(let services):
      "/tasks?"
        + FormText.encode([
          ("filters", #"{"service":[\#(services.map { "\"\($0)\"" }.joined(separator: ","))]}"#)
        ])
    }
  }

  fileprivate var doing: String {
    switch self {
    case .nodes: "read the nodes"
    case .services: "read the services"
    case .tasks: "read the tasks"
    case .history: "read the tasks that failed"
    }
  }

  /// The most bytes that an answer may have: a few kilobytes for each node, service or task.
  fileprivate var limit: Int {
    switch self {
    case .nodes: 4 << 20
    case .services: 8 << 20
    case .tasks, .history: 16 << 20
    }
  }
}
