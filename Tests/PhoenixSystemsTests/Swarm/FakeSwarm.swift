import FoundationEssentials
import PhoenixCore
import PhoenixNetwork

@testable import PhoenixSystems

/// A manager's API with answers as Docker 20.10 gives them, without TLS: what can go wrong there is `SwarmFaultTests`'.
final class FakeSwarm: Sendable {
  struct State {
    var version: String? = "1.41"
    /// The answers by the last part of their paths.
    var answers: [String: LoopbackServer.Reply] = [:]
  }

  let state = Holder()
  let server: LoopbackServer

  final class Holder: Sendable {
    let mutex = Lock(State())
  }

  init() throws {
    let state = state
    server = try LoopbackServer { request in
      state.mutex.withLock { state in
        let name = request.path.split(separator: "/").last.map(String.init) ?? ""
        if name == "tasks", let filters = request.query["filters"], filters.hasPrefix(#"{"service""#) {
          return state.answers["history"] ?? .json(200, Self.recorded("history"))
        }
        if let answer = state.answers[name] { return answer }
        guard name == "_ping" else { return .json(200, Self.recorded(name)) }
        let version = state.version.map { "Api-Version: \($0)\r\n" } ?? ""
        return .raw("HTTP/1.1 200 OK\r\n\(version)Content-Length: 2\r\nConnection: close\r\n\r\nOK")
      }
    }
  }

  deinit { server.stop() }

  func with(_ change: (inout State) -> Void) { state.mutex.withLock { change(&$0) } }

  /// Answers one path otherwise.
  func answer(_ name: String, _ status: Int = 200, _ body: String) {
    with { $0.answers[name] = .json(status, body) }
  }

  /// Answers one path as recorded, with some text replaced.
  func edit(_ name: String, _ edits: (String, String)...) {
    var text = Self.recorded(name)
    for (old, new) in edits { text = text.replacing(old, with: new) }
    answer(name, 200, text)
  }

  /// What was asked so far, without the versions.
  var asked: [String] { server.requests.map { $0.split(separator: "/").last.map(String.init) ?? "" } }

  static func recorded(_ name: String) -> String {
    let directory = "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
    let data = try? Data(contentsOf: URL(filePath: "\(directory)/Fixtures/docker/\(name).json"))
    return data.map { String(decoding: $0, as: UTF8.self) } ?? "the answer \(name) is not recorded"
  }

  static func system(limits: Swarm.Limits = Swarm.Limits()) -> Swarm {
    Swarm(
      client: HTTPClient(),
      identity: { _ in (TLSIdentity(certificateChainPEM: "", keyPEM: Secret("")), TLSTrust(rootsPEM: "")) },
      limits: limits)
  }

  static let echo = "production_echo_echo"
  static let qdrant = "production_qdrant_service_qdrant"

  /// The swarm of the example.
  static func desired(_ managers: String...) -> Swarm.Desired {
    Swarm.Desired(
      managers: managers, certificate: "phoenix-client.internal.example",
      nodes: [
        1001: Swarm.DesiredNode(name: "Portainer", addresses: ["10.0.0.111"], role: .manager),
        1002: Swarm.DesiredNode(name: "drphoenix", addresses: ["10.0.0.102", "10.0.1.102"], role: .worker),
      ],
      services: [
        echo: Swarm.DesiredService(routers: ["echo"], ports: [8080]),
        qdrant: Swarm.DesiredService(routers: ["qdrant"], ports: [6333]),
      ])
  }

  /// Looks, with what the example declares.
  func look() async -> Swarm.Observed {
    await Self.system().observe(.everything, desired: Self.desired(server.endpoint))
  }
}

extension Swarm.Observed {
  /// What is told of it in words.
  var words: [String] {
    Swarm.findings(desired: FakeSwarm.desired("https://10.0.0.111:2376"), observed: self).map { finding in
      "\(finding.resource.map { "\($0)" } ?? ""): \(finding.message)"
    }
  }

  func servers(_ service: String, _ port: Int) -> Reading<FactValue>? {
    Swarm.facts(of: self)[.swarmServers(service, port: port)]
  }
}
