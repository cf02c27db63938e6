import PhoenixCore
import PhoenixHost
import PhoenixNetwork

/// Runs that an administrator asks for.
extension ControlInterface {
  /// Looks at everything and says what would be done.
  func plan(_ request: ServerRequest) async -> ServerResponse {
    guard let order = request.decoded(PlanOrder.self) else {
      return .malformed(request, expected: #"{"targets": ["proxmox"], "allow": ["disruptive"]}"#)
    }
    if let refusal = tooOften(request) { return refusal }
    switch await targets(order.targets, request) {
    case .failure(let refusal): return refusal.response
    case .success(let targets):
      let id = await engine.nextRequestID()
      let engine = engine
      let result = await withTaskCancellationHandler {
        await engine.run(RunRequest(id, .plan, targets: targets, allow: Set(order.allow ?? [])))
      } onCancel: {
        Task { await engine.cancel(id) }
      }
      if let refusal = result.refusal { return .error(503, doing: request.purpose, got: refusal) }
      return .json(PlanReport(result.plan))
    }
  }

  /// Carries out what is wanted, with its progress, one JSON object a line.
  func apply(_ request: ServerRequest) async -> ServerResponse {
    guard let order = request.decoded(ApplyOrder.self) else {
      return .malformed(
        request, expected: #"{"targets": ["proxmox"], "digest": null, "allow": [], "dry_run": false}"#)
    }
    let isDryRun = order.isDryRun ?? false
    if isDryRun, let refusal = tooOften(request) { return refusal }
    switch await targets(order.targets, request) {
    case .failure(let refusal): return refusal.response
    case .success(let targets):
      return await progress(
        of: RunRequest(
          await engine.nextRequestID(), isDryRun ? .plan : .apply(digest: order.digest), targets: targets,
          allow: Set(order.allow ?? [])))
    }
  }

  /// Looks at everything and mends what policy allows.
  func reconcile(_ request: ServerRequest) async -> ServerResponse {
    guard let order = request.decoded(ReconcileOrder.self) else {
      return .malformed(request, expected: #"{"wait": true, "allow": []}"#)
    }
    let allow = Set(order.allow ?? [])
    guard order.wait ?? false else {
      if allow.isEmpty {
        await engine.trigger(.nudge)
      } else {
        let run = await reconciling(allow)
        Task { [engine] in _ = await engine.run(run) }
      }
      return .json(["accepted": true], status: 202)
    }
    return await progress(of: await reconciling(allow))
  }

  /// The daemon's own pass, or what the operator allows more than policy: a pass knows only policy.
  private func reconciling(_ allow: Set<Risk>) async -> RunRequest {
    RunRequest(
      await engine.nextRequestID(), allow.isEmpty ? .pass([.nudge]) : .apply(digest: nil), allow: allow)
  }

  /// Stops a run.
  func cancel(_ request: ServerRequest) async -> ServerResponse {
    guard let order = request.decoded(CancelOrder.self) else {
      return .malformed(request, expected: #"{"run": "..."}"#)
    }
    guard let run = order.run ?? surroundings.monitor.counts.currentRun else {
      return .error(409, doing: request.purpose, expected: "a run under way", got: "none is")
    }
    await engine.cancel(run)
    return .json(["run": run.description], status: 202)
  }

  /// A run's progress as it comes. The run goes on when nobody reads any more.
  private func progress(of run: RunRequest) async -> ServerResponse {
    let events = await engine.events(of: run.id)
    let (lines, feed) = AsyncStream<[UInt8]>.makeStream(bufferingPolicy: .bufferingNewest(10_000))
    let engine = engine
    feed.yield(ProgressLine.accepted(run.id).bytes)
    Task {
      async let ending = engine.run(run)
      for await event in events {
        if let line = ProgressLine(event) { feed.yield(line.bytes) }
      }
      let result = await ending
      feed.yield(ProgressLine.result(RunReport(result, isPlan: run.isDryRun)).bytes)
      feed.finish()
    }
    return ServerResponse(contentType: "application/x-ndjson", body: .stream(lines))
  }

  private func tooOften(_ request: ServerRequest) -> ServerResponse? {
    let now = surroundings.clock.boot()
    guard let wait = planLimit.withLock({ $0.take(at: now) }) else { return nil }
    return .error(
      429, doing: request.purpose, expected: "at most one plan a second",
      got: "more than that", hint: "ask again in \(wait.wholeMilliseconds) ms; `phoenix status` is free")
  }

  private struct Refusal: Error {
    let response: ServerResponse
  }

  /// What a command is about; nil for everything. Refused is a target that means nothing that is kept.
  private func targets(_ texts: [String]?, _ request: ServerRequest) async -> Result<[Target]?, Refusal> {
    guard let texts, !texts.isEmpty else { return .success(nil) }
    let known = await engine.report.resources.map(\.resource)
    var targets: [Target] = []
    for text in texts {
      guard let target = Target(text) else {
        return .failure(
          Refusal(
            response: .error(
              400, doing: request.purpose,
              expected: "a vmid, a system, system/kind/name or a beginning of it",
              got: text.quotedForPeople,
              hint: "systems are \(SystemName.allCases.map(\.rawValue).joined(separator: " "))")))
      }
      guard known.contains(where: target.matches) else {
        return .failure(Refusal(response: .unknown(text, among: known, request)))
      }
      targets.append(target)
    }
    return .success(targets)
  }
}

extension ProgressLine {
  /// The line with its end.
  fileprivate var bytes: [UInt8] { WireJSON.encode(self) + [0x0A] }
}

extension RunRequest {
  fileprivate var isDryRun: Bool { if case .plan = purpose { true } else { false } }
}
