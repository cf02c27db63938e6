import PhoenixCore
public import PhoenixHost
public import PhoenixNetwork

/// What answers requests to the daemon's sockets, and those of a command that runs without the daemon.
///
/// Who asks is told by the socket alone: `admin` may do everything, any other may read what everybody may know.
public final class ControlInterface: Sendable {
  /// What the interface needs besides the engine.
  public struct Surroundings: Sendable {
    /// What has happened so far.
    public let monitor: Monitor
    /// The requests made to other systems.
    public let requests: RequestCounters
    /// The writes to the state directory.
    public let stateWrites: WriteCounter
    /// All clocks.
    public let clock: HostClock
    /// The loops of the process that missed their deadlines.
    public let lateLoops: @Sendable () -> [String]
    /// What the journal holds of earlier events.
    public let history: JournalHistory
    /// Reads the files again, or checks them only; with `wait` it returns when they are in force.
    public let reload: @Sendable (ReloadOrder) async -> ReloadReport

    /// Creates the surroundings.
    public init(
      monitor: Monitor, requests: RequestCounters, stateWrites: WriteCounter, clock: HostClock = .system,
      history: JournalHistory = JournalHistory(), lateLoops: @escaping @Sendable () -> [String],
      reload: @escaping @Sendable (ReloadOrder) async -> ReloadReport
    ) {
      self.monitor = monitor
      self.requests = requests
      self.stateWrites = stateWrites
      self.clock = clock
      self.history = history
      self.lateLoops = lateLoops
      self.reload = reload
    }
  }

  /// The name of the socket that may do everything.
  public static let adminListener = "admin"
  /// The name of the socket for everybody.
  public static let statusListener = "status"
  /// The group whose members may use the admin socket.
  public static let adminGroup = "phoenix-admin"

  let engine: Engine
  let surroundings: Surroundings
  let planLimit = Lock(RateLimit(burst: 10, interval: .seconds(1)))

  /// Creates an interface.
  public init(engine: Engine, surroundings: Surroundings) {
    self.engine = engine
    self.surroundings = surroundings
  }

  /// Answers a request.
  public func respond(_ request: ServerRequest) async -> ServerResponse {
    if let response = await status(request) { return response }
    guard request.listener == Self.adminListener else { return forbidden(request) }
    guard let route = Self.routes[request.path] else {
      return .error(404, doing: request.purpose, got: "there is nothing at \(request.path)")
    }
    guard request.method == route.method else {
      return .error(
        405, doing: request.purpose, expected: "\(route.method) \(request.path)", got: request.method)
    }
    return await route.answer(self)(request)
  }

  private struct AdminRoute: Sendable {
    let method: String
    let answer: @Sendable (ControlInterface) -> @Sendable (ServerRequest) async -> ServerResponse
  }

  private static let routes: [String: AdminRoute] = [
    "/v1/status": AdminRoute(method: "GET") { control in { _ in await control.fullStatus() } },
    "/v1/plan": AdminRoute(method: "POST") { control in { await control.plan($0) } },
    "/v1/apply": AdminRoute(method: "POST") { control in { await control.apply($0) } },
    "/v1/reconcile": AdminRoute(method: "POST") { control in { await control.reconcile($0) } },
    "/v1/cancel": AdminRoute(method: "POST") { control in { await control.cancel($0) } },
    "/v1/reload": AdminRoute(method: "POST") { control in { await control.reload($0) } },
    "/v1/suspend": AdminRoute(method: "POST") { control in { await control.suspend($0) } },
    "/v1/resume": AdminRoute(method: "POST") { control in { await control.resume($0) } },
    "/v1/explain": AdminRoute(method: "GET") { control in { await control.explain($0) } },
    "/v1/certificates": AdminRoute(method: "GET") { control in { _ in await control.certificates() } },
    "/v1/history": AdminRoute(method: "GET") { control in { await control.history($0) } },
    "/v1/wish": AdminRoute(method: "POST") { control in { await control.wish($0) } },
    "/v1/pause": AdminRoute(method: "POST") { control in { await control.pause($0) } },
  ]

  /// What a request for a path asks for, in the words of the commands.
  public static func purpose(of path: String) -> String {
    guard let verb = path.trimmingPrefix("/v1/").split(separator: "/").first, routes[path] != nil else {
      return "answer for \(path)"
    }
    switch verb {
    case "certificates": return "list the certificates"
    case "history": return "tell the history"
    case "status": return "tell the status"
    case "cancel": return "cancel a run"
    default: return String(verb)
    }
  }

  private func forbidden(_ request: ServerRequest) -> ServerResponse {
    .error(
      403, doing: request.purpose, expected: "the admin socket", got: "the status socket",
      hint: "use /run/phoenix/admin.sock, as root or as a member of the group \(Self.adminGroup)")
  }
}

extension ServerRequest {
  /// What is asked, for people.
  var purpose: String { ControlInterface.purpose(of: path) }

  /// The body; an empty one is an empty object. nil when it is something else.
  func decoded<Value: Decodable>(_ type: Value.Type) -> Value? {
    WireJSON.decode(type, from: body.isEmpty ? Array("{}".utf8) : body)
  }
}

extension ServerResponse {
  static func json(_ value: some Encodable, status: Int = 200) -> ServerResponse {
    ServerResponse(status: status, body: .bytes(WireJSON.encode(value) + [0x0A]))
  }

  static func error(
    _ status: Int, doing: String, expected: String? = nil, got: String, hint: String? = nil
  ) -> ServerResponse {
    .json(ErrorReport(doing: doing, expected: expected, got: got, hint: hint), status: status)
  }

  /// That nothing is kept under a name, and which one may be meant.
  static func unknown(_ name: String, among known: [ResourceID], _ request: ServerRequest) -> ServerResponse {
    .error(
      404, doing: request.purpose, expected: "something that Phoenix keeps",
      got: "nothing that \(name.quotedForPeople) names", hint: NearestResource.hint(for: name, among: known))
  }

  static func malformed(_ request: ServerRequest, expected: String) -> ServerResponse {
    .error(400, doing: request.purpose, expected: expected, got: "a body that is no such thing")
  }
}
