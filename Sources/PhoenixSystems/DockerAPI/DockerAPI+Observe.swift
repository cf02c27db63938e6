public import PhoenixCore
import PhoenixHost

extension DockerAPI {
  /// Looks at nodes in one round trip each, and at doors and ports from outside.
  public func observe(_ scope: ObservationScope, desired: Desired) async -> Observed {
    let doors = desired.doors.values.filter { scope.includes($0.proxy) || scope.includes($0.served) }
      .sorted { $0.login.guest < $1.login.guest }
    let managers = Set(doors.map(\.login.guest))
    let engines = desired.engines.values.filter {
      scope.includes($0.resource) || managers.contains($0.login.guest)
    }.sorted { $0.login.guest < $1.login.guest }
    async let seen = eachConcurrently(doors, width: Self.width) { door in
      await DoorProbe(system: self, door: door, desired: desired).look()
    }
    async let ports = eachConcurrently(engines, width: Self.width) { engine in
      await plainPorts(of: engine, desired.layout)
    }
    let nodes = await eachConcurrently(engines, width: Self.width) { engine in
      await look(at: engine, desired)
    }
    let guests = engines.map(\.login.guest)
    return Observed(
      nodes: Dictionary(zip(guests, nodes)) { first, _ in first },
      doors: Dictionary(zip(doors.map(\.login.guest), await seen)) { first, _ in first },
      plainPorts: Dictionary(zip(guests, await ports)) { first, _ in first })
  }

  private func look(at engine: Engine, _ desired: Desired) async -> Reading<NodeState> {
    let door = desired.doors[engine.login.guest]
    do throws(Failure) {
      let result = try await channel().run(
        ShellTarget(engine.login),
        argv: ["sh", "-c", DockerScripts.look, "phoenix"] + NodeLook.arguments(desired.layout, door: door),
        timeout: commandTimeout, outputLimit: 1 << 22)
      guard result.status.isSuccess, !result.stdoutTruncated else {
        return .unreadable("\(engine.login.endpoint): \(result.account)")
      }
      let state = NodeLook.parse(
        result.stdout, desired.layout, hasDoor: door != nil, clients: desired.clients.map(\.name))
      return state.map { .known($0) }
        ?? .unreadable(
          "\(engine.login.endpoint): an answer that cannot be understood; does the login shell of "
            + "\(engine.login.user) print anything by itself?")
    } catch {
      return .unreadable(error.description)
    }
  }
}
