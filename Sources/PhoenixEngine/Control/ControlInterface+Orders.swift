import PhoenixCore
import PhoenixHost
import PhoenixNetwork

/// What an administrator tells the daemon besides runs.
extension ControlInterface {
  /// Reads the files again.
  func reload(_ request: ServerRequest) async -> ServerResponse {
    guard let order = request.decoded(ReloadOrder.self) else {
      return .malformed(request, expected: #"{"wait": true, "dry_run": false}"#)
    }
    let report = await surroundings.reload(order)
    return .json(report, status: report.isAccepted ? 200 : 422)
  }

  /// Leaves a resource alone.
  func suspend(_ request: ServerRequest) async -> ServerResponse {
    let expected = #"{"resource": "proxmox/firewall/1001", "for_s": 3600}"#
    guard let order = request.decoded(SuspendOrder.self) else {
      return .malformed(request, expected: expected)
    }
    guard let resource = ResourceID(parsing: order.resource) else {
      return noResource(order.resource, request)
    }
    if let refusal = await unknown(resource, request) { return refusal }
    if let seconds = order.seconds, !(1...315_360_000).contains(seconds) {
      return .error(400, doing: request.purpose, expected: "1 s to 10 years", got: "\(seconds) s")
    }
    let until = order.seconds.map { surroundings.clock.wall() + .seconds($0) }
    await engine.suspend(resource, until: until)
    if let failure = await unwritten(request) { return failure }
    return .json(["resource": resource.description, "until": until?.utcText])
  }

  /// Keeps a resource, or everything, again.
  func resume(_ request: ServerRequest) async -> ServerResponse {
    guard let order = request.decoded(ResourceOrder.self) else {
      return .malformed(request, expected: #"{"resource": "proxmox/firewall/1001"}, or "all""#)
    }
    if order.resource == "all" {
      await engine.pause(false)
    } else {
      guard let resource = ResourceID(parsing: order.resource) else {
        return noResource(order.resource, request)
      }
      // What the files no longer name may still be left alone.
      if await !engine.isSuspended(resource), let refusal = await unknown(resource, request) {
        return refusal
      }
      await engine.resume(resource)
    }
    if let failure = await unwritten(request) { return failure }
    return .json(ResumeAnswer(resource: order.resource, isPaused: await engine.isPaused))
  }

  /// Leaves everything alone.
  func pause(_ request: ServerRequest) async -> ServerResponse {
    await engine.pause(true)
    if let failure = await unwritten(request) { return failure }
    return .json(["paused": true])
  }

  /// Takes what an operator wants of a resource; the run that does it is asked for as any other.
  func wish(_ request: ServerRequest) async -> ServerResponse {
    guard let order = request.decoded(WishOrder.self) else {
      return .malformed(
        request, expected: #"{"resource": "proxmox/power/103", "wish": "renew|start|stop|restart|delete"}"#)
    }
    guard let resource = ResourceID(parsing: order.resource) else {
      return noResource(order.resource, request)
    }
    if let refusal = await unknown(resource, request) { return refusal }
    do throws(Failure) {
      try await engine.request(order.wish, for: resource)
      return .json(["resource": resource.description], status: 202)
    } catch {
      return .json(ErrorReport(error), status: 409)
    }
  }

  /// What was ordered is in force, and would be forgotten at a restart.
  private func unwritten(_ request: ServerRequest) async -> ServerResponse? {
    guard await !engine.isMemoryWritten else { return nil }
    return .error(
      507, doing: request.purpose, expected: "a state directory that can be written",
      got: "it cannot be: the order is in force until phoenixd is restarted, and lost then",
      hint: "see the journal for the reason; order it again when there is room")
  }

  private func noResource(_ name: String, _ request: ServerRequest) -> ServerResponse {
    .error(400, doing: request.purpose, expected: "system/kind/name", got: name.quotedForPeople)
  }

  private func unknown(_ resource: ResourceID, _ request: ServerRequest) async -> ServerResponse? {
    let known = await engine.report.resources.map(\.resource)
    return known.contains(resource) ? nil : .unknown("\(resource)", among: known, request)
  }
}
