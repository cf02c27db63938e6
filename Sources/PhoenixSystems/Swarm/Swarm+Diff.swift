public import PhoenixCore

extension Swarm: SystemModel {
  /// `swarm`.
  public static var name: SystemName { .swarm }

  /// Nothing: the swarm is only looked at.
  public static func diff(desired: Desired, observed: Observed, facts: Facts, now: WallTime) -> [Change] {
    []
  }

  /// A node is ready when it takes tasks, a service when at least one of its tasks runs.
  public static func ready(_ resource: ResourceID, desired: Desired, observed: Observed) -> Readiness {
    switch resource.kind {
    case "node":
      guard let guest = Int(resource.name), let node = desired.nodes[guest] else { break }
      return readiness(observed.nodes[guest], missing: "\(node.name) is not in the swarm") { state in
        state.trouble.map { "\(node.name) \($0)" }
      }
    case "service":
      guard desired.services[resource.name] != nil else { break }
      return readiness(observed.services[resource.name], missing: "it is not deployed") { state in
        guard state.running == 0 else { return nil }
        return "none of \(state.wanted) tasks runs" + (state.taskError.map { ": \($0)" } ?? "")
      }
    default: break
    }
    return .notReady("nothing of this name is declared")
  }

  private static func readiness<State>(
    _ reading: Reading<State>?, missing: String, trouble: (State) -> String?
  ) -> Readiness {
    switch reading {
    case .known(let state): trouble(state).map { .notReady($0) } ?? .ready
    case .absent: .notReady(missing)
    case .unreadable(let reason): .unreadable(reason)
    case nil: .unreadable("the swarm has not been looked at yet")
    }
  }

  /// `swarm.servers(SERVICE:PORT)`: empty when it runs nowhere, absent when there is no such service.
  public static func facts(of observed: Observed) -> [FactKey: Reading<FactValue>] {
    Dictionary(
      observed.servers.map { port, servers in
        (FactKey.swarmServers(port.service, port: port.port), servers.map { .list($0) })
      }, uniquingKeysWith: { first, _ in first })
  }

  /// Unreadable when no manager answered.
  public static func health(of observed: Observed) -> SystemHealth {
    if let reason = observed.manager.unreadableReason { return .unreadable(reason) }
    let nodes = observed.nodes.sorted { $0.key < $1.key }.map(\.value.unreadableReason)
    let services = observed.services.sorted { $0.key < $1.key }.map(\.value.unreadableReason)
    let servers = observed.servers.sorted { $0.key < $1.key }.map(\.value.unreadableReason)
    return (nodes + services + servers).lazy.compactMap { $0 }.first.map { .partly($0) } ?? .readable
  }

  /// Whether tasks of a declared service, or a declared node, are not there yet, or not any more: the managers see to
  /// that, and Traefik's servers follow them.
  public static func isInMotion(desired: Desired, observed: Observed) -> Bool {
    observed.services.values.contains { $0.value.map { $0.running < $0.wanted } ?? false }
      || observed.nodes.values.contains { $0.value.map { $0.state != "ready" } ?? false }
  }

  /// The newer one: whatever is asked for, the whole swarm is looked at.
  public static func merge(_ newer: Observed, into older: Observed, scope: ObservationScope) -> Observed {
    newer
  }

  /// A lane of its own.
  public static func route(_ resource: ResourceID, desired: Desired) -> Route {
    Route(lane: "swarm", endpoint: desired.managers.first ?? "swarm")
  }
}
