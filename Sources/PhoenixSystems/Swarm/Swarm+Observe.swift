public import PhoenixCore

/// What is looked at: the version of the API, nodes, services, and the tasks that should run; and the tasks that
/// failed, of declared services that have too few running ones. Steady, that is 4 requests.
extension Swarm: ManagedSystem {
  /// Looks, at the first manager that tells everything. What cannot be read is unreadable in the result; it never
  /// throws.
  public func observe(_ scope: ObservationScope, desired: Desired) async -> Observed {
    guard !desired.nodes.isEmpty || !desired.services.isEmpty else { return Observed() }
    let end = ContinuousClock.now + limits.look
    var best: Look?
    do throws(Failure) {
      let certificate = try Self.certificate(desired)
      let (identity, trust) = try await identity(certificate)
      for manager in preferred.order(desired.managers) where !Task.isCancelled {
        let api = API(
          client: client, manager: manager, identity: identity, trust: trust, certificate: certificate,
          requestLimit: limits.request, end: end)
        let look = await Self.look(api)
        if look.live.troubles.isEmpty {
          preferred.answered(manager)
          return await Self.explained(look, desired)
        }
        if best.map({ look.tellsMore(than: $0) }) ?? true { best = look }
      }
    } catch {
      return Observed(unreadable: error.description, desired)
    }
    guard let best else { return Observed(unreadable: "the look was cancelled", desired) }
    if best.live.isReadable { return best.live.observed(desired, from: best.api.manager) }
    let reason = best.live.troubles.first ?? "nothing was asked"
    let others = desired.managers.count - 1
    return Observed(
      unreadable: others > 0 ? "\(reason) (and none of \(others) other managers tells more)" : reason, desired
    )
  }

  /// What one manager told.
  private struct Look {
    let api: API
    /// Nil when it did not even say what it speaks.
    let version: APIVersion?
    let live: LiveSwarm

    func tellsMore(than other: Look) -> Bool {
      if live.troubles.count != other.live.troubles.count {
        return live.troubles.count < other.live.troubles.count
      }
      return version != nil && other.version == nil
    }
  }

  /// Nothing is ever wanted of the swarm yet.
  public func apply(
    _ change: Change, desired: Desired, observed: Observed, facts: Facts
  ) async throws(Failure) {
    throw Failure(
      .permanent, doing: "change \(change.resource)", got: "the swarm is only looked at",
      hint: "this is a defect of Phoenix, please report it")
  }

  private static func certificate(_ desired: Desired) throws(Failure) -> String {
    let doing = "look at the swarm"
    guard !desired.managers.isEmpty else {
      throw Failure(
        .permanent, doing: doing, got: "no manager is known",
        hint: "give a machine \"swarm_role\": \"manager\", or set docker.managers in phoenixd.json")
    }
    guard let certificate = desired.certificate else {
      throw Failure(
        .permanent, doing: doing,
        got: "no guest is declared as a manager, so phoenixd has no certificate to show",
        hint: "give the machine \"swarm_role\": \"manager\"")
    }
    return certificate
  }

  private static func look(_ api: API) async -> Look {
    let version: APIVersion
    do throws(Failure) { version = try await api.version() } catch {
      return Look(api: api, version: nil, live: LiveSwarm(unreadable: error.description))
    }
    async let nodes = reading(api, .nodes, version, Self.nodes)
    async let services = reading(api, .services, version, Self.services)
    async let tasks = reading(api, .tasks, version, Self.tasks)
    return Look(
      api: api, version: version,
      live: LiveSwarm(nodes: await nodes, services: await services, tasks: await tasks))
  }

  private static func reading<Value: Sendable>(
    _ api: API, _ question: API.Question, _ version: APIVersion,
    _ decode: @Sendable (Node) throws(Unexpected) -> Value
  ) async -> Reading<Value> {
    do throws(Failure) {
      return .known(try await api.ask(question, version, decode))
    } catch {
      return .unreadable(error.description)
    }
  }

  /// What was seen, with what the tasks say that failed where too few run. Without their word the rest is as true.
  private static func explained(_ look: Look, _ desired: Desired) async -> Observed {
    var observed = look.live.observed(desired, from: look.api.manager)
    let short = look.live.short(desired)
    guard !short.isEmpty, let version = look.version else { return observed }
    let history = await reading(look.api, .history(short.keys.sorted()), version, Self.tasks)
    for (id, name) in short {
      guard case .known(var state) = observed.services[name] else { continue }
      let failed = (history.value ?? []).filter { $0.service == id && $0.error != nil }
      state.taskError = failed.max { $0.version < $1.version }?.error
      observed.services[name] = .known(state)
    }
    return observed
  }
}
