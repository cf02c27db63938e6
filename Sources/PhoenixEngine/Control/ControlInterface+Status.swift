public import PhoenixCore
import PhoenixHost
import PhoenixNetwork

/// What everybody may ask: health, readiness, metrics, counts. And the whole status, for administrators.
extension ControlInterface {
  /// Answers what any socket may ask; nil for something else.
  func status(_ request: ServerRequest) async -> ServerResponse? {
    let answer: () async -> ServerResponse
    switch request.path {
    case "/healthz": answer = health
    case "/readyz": answer = { self.readiness(isAdmin: request.listener == Self.adminListener) }
    case "/metrics": answer = metrics
    case "/v1/summary": answer = summary
    default: return nil
    }
    guard request.method == "GET" || request.method == "HEAD" else {
      return .error(405, doing: request.purpose, expected: "GET \(request.path)", got: request.method)
    }
    return await answer()
  }

  private func health() -> ServerResponse {
    let late = surroundings.lateLoops()
    return late.isEmpty
      ? ServerResponse(status: 200, text: "ok\n")
      : ServerResponse(status: 503, text: late.map { "the loop \($0) makes no progress\n" }.joined())
  }

  /// Why a system cannot be read may name files and addresses: that is for administrators.
  private func readiness(isAdmin: Bool) -> ServerResponse {
    let obstacles = surroundings.monitor.obstacles.map { isAdmin ? $0.description : $0.what }
    return obstacles.isEmpty
      ? ServerResponse(status: 200, text: "ready\n")
      : ServerResponse(status: 503, text: obstacles.map { $0.escapedForTerminals + "\n" }.joined())
  }

  private func metrics() async -> ServerResponse {
    let metrics = MetricsText(
      report: await engine.report, counts: surroundings.monitor.counts,
      requests: surroundings.requests.snapshot, stateWrites: surroundings.stateWrites.value)
    return ServerResponse(
      contentType: "text/plain; version=0.0.4; charset=utf-8", body: .bytes(Array(metrics.text.utf8)))
  }

  private func summary() async -> ServerResponse { .json(SummaryReport(await engine.report)) }

  func fullStatus() async -> ServerResponse { .json(StatusReport(await engine.report)) }
}

extension StatusReport {
  /// Makes the status of what the engine knows.
  public init(_ report: EngineReport) {
    self.init(
      systems: report.systems, resources: report.resources, nextPass: report.nextPass,
      isPaused: report.isPaused, active: report.active, findings: report.findings)
  }
}
