import PhoenixCore
import PhoenixEngine
import PhoenixHost
import PhoenixNetwork

/// An engine with a shelf, behind real unix sockets.
final class ControlBench: Sendable {
  let directory = TemporaryDirectory()
  let world: Shelf.World
  let engine: Engine
  let monitor = Monitor()
  let late = Lock<[String]>([])
  let reload = Lock(ReloadReport(isAccepted: true, isInForce: true, digest: "d", findings: []))
  private let server: ControlServer
  private let client = HTTPClient()

  /// Creates the bench; nothing has been looked at yet. With `byItself` it is a daemon's engine, which looks and
  /// acts unasked once it was asked for anything.
  init(
    _ desired: Shelf.Desired, world numbers: [String: Int], policy: Policy = Policy(),
    clock: HostClock = .system, byItself: Bool = false
  ) async throws {
    world = Shelf.World(numbers)
    let kernel = KernelConfiguration(
      systems: [Shelf.configured(desired)], desiredDigest: "d", policy: policy,
      actionDeadline: .seconds(30), onlyOnRequest: !byItself)
    let monitor = monitor
    let engine = Engine(
      configuration: EngineConfiguration(kernel: kernel, drivers: [Mounted(Shelf(world: world))]),
      statePath: directory.file("kernel"), sink: { monitor.record($0, at: HostClock.system.wall()) })
    self.engine = engine
    let box = WeakBox()
    let control = ControlInterface(
      engine: engine,
      surroundings: ControlInterface.Surroundings(
        monitor: monitor, requests: RequestCounters(), stateWrites: WriteCounter(), clock: clock,
        lateLoops: { box.bench?.late.withLock { $0 } ?? [] },
        reload: { _ in
          box.bench?.reload.withLock { $0 }
            ?? ReloadReport(isAccepted: false, isInForce: false, digest: "", findings: [])
        }))
    server = ControlServer { await control.respond($0) }
    box.set(self)
    for name in [ControlInterface.adminListener, ControlInterface.statusListener] {
      try await server.serve(path: directory.file(name), name: name)
    }
  }

  func stop() async {
    _ = await engine.stop(within: .seconds(5))
    await server.shutdown()
    await client.shutdown()
  }

  func get(_ path: String, by listener: String = ControlInterface.adminListener) async throws -> HTTPResponse
  {
    try await client.send(
      HTTPRequest(.get, "http://phoenix\(path)", label: "test"), unixSocket: directory.file(listener))
  }

  func post(
    _ path: String, _ body: String = "", by listener: String = ControlInterface.adminListener
  ) async throws -> HTTPResponse {
    try await client.send(
      HTTPRequest(.post, "http://phoenix\(path)", body: Array(body.utf8), label: "test"),
      unixSocket: directory.file(listener))
  }

  /// Begins a request whose answer comes piece by piece.
  func stream(_ path: String, _ body: String) async throws -> HTTPStream {
    try await client.stream(
      HTTPRequest(.post, "http://phoenix\(path)", body: Array(body.utf8), label: "test"),
      unixSocket: directory.file(ControlInterface.adminListener))
  }

  /// The lines of a run's progress.
  func progress(_ path: String, _ body: String) async throws -> [ProgressLine] {
    let response = try await post(path, body)
    return response.body.split(separator: 0x0A).compactMap {
      WireJSON.decode(ProgressLine.self, from: Array($0))
    }
  }

  var numbers: [String: Int] { world.state.withLock(\.numbers) }
}

/// Breaks the circle between the bench and what it hands out.
private final class WeakBox: Sendable {
  private struct Reference: Sendable { weak var bench: ControlBench? }
  private let reference = Lock(Reference())

  var bench: ControlBench? { reference.withLock(\.bench) }
  func set(_ bench: ControlBench) { reference.withLock { $0.bench = bench } }
}

extension [ProgressLine] {
  var result: RunReport? {
    guard case .result(let report)? = last else { return nil }
    return report
  }
}
