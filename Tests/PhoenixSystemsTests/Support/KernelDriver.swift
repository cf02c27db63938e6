import PhoenixCore
import Testing

/// Drives the kernel as the daemon does, one thing after another, on a clock that only this moves.
struct KernelDriver {
  private var kernel: Kernel
  private let drivers: [SystemName: any SystemDriver]
  private let wall: @Sendable () -> WallTime
  private var observations: [(RunID, Observation)] = []
  private var actions: [ResourceID] = []
  /// How the runs that were asked for ended.
  private(set) var results: [RunResult] = []
  /// Since the start.
  private(set) var elapsed: Duration = .zero
  /// Is called after whatever was carried out.
  var afterApply: @Sendable () async throws -> Void = {}

  init(
    _ systems: [(driver: any SystemDriver, state: any SystemState)], onlyOnRequest: Bool,
    wall: @escaping @Sendable () -> WallTime
  ) {
    drivers = Dictionary(uniqueKeysWithValues: systems.map { ($0.driver.name, $0.driver) })
    self.wall = wall
    kernel = Kernel(
      configuration: KernelConfiguration(
        systems: systems.map(\.state), desiredDigest: "d", onlyOnRequest: onlyOnRequest), memory: nil,
      idPrefix: "test")
  }

  /// Lets time pass until there is nothing to do before the limit.
  mutating func run(for limit: Duration) async throws {
    try await feed(.tick)
    while let wake = kernel.nextWake(at: moment), .milliseconds(wake.milliseconds) <= limit {
      elapsed = max(elapsed, .milliseconds(wake.milliseconds))
      try await feed(.tick)
    }
  }

  /// An operator's run.
  mutating func apply(_ target: ResourceID) async throws -> RunResult {
    let target = try #require(Target(target.description))
    let id = RunID("operator-\(results.count)")
    try await feed(.request(RunRequest(id, .apply(digest: nil), targets: [target])))
    return try #require(results.last { $0.id == id })
  }

  private var moment: Moment {
    Moment(wall: wall(), boot: BootTime(milliseconds: elapsed.wholeMilliseconds))
  }

  private mutating func feed(_ input: KernelInput) async throws {
    await perform(kernel.handle(input, at: moment))
    while true {
      if !observations.isEmpty {
        let (run, observation) = observations.removeFirst()
        await perform(kernel.handle(.observed(run, observation), at: moment))
      } else if !actions.isEmpty {
        try await act(on: actions.removeFirst())
      } else {
        return
      }
    }
  }

  private mutating func perform(_ effects: [KernelEffect]) async {
    for effect in effects {
      switch effect {
      case .observe(let run, let system):
        observations.append((run, await look(system, .everything)))
      case .enqueue(let action, _): actions.append(action.resource)
      case .reply(let result): results.append(result)
      case .persist, .cancel, .tell: break
      }
    }
  }

  private func look(_ system: SystemName, _ scope: ObservationScope) async -> Observation {
    guard let driver = drivers[system], let state = kernel.state(of: system) else {
      return Observation(system, scope, .silent("nobody drives it"))
    }
    return await driver.observe(scope, state: state)
  }

  private mutating func act(on resource: ResourceID) async throws {
    var input = ActionInput.begin
    while true {
      let (step, effects) = kernel.advance(resource, input, at: moment)
      await perform(effects)
      switch step {
      case .observe(let id): input = .observed(await look(id.system, .only([id])))
      case .apply(let change): input = try await carryOut(change)
      case .wait(let duration):
        elapsed += duration
        input = .waited
      case .done: return
      }
    }
  }

  private func carryOut(_ change: Change) async throws -> ActionInput {
    guard let driver = drivers[change.resource.system],
      let state = kernel.state(of: change.resource.system)
    else { return .unjournaled }
    do throws(Failure) {
      try await driver.apply(change, state: state, facts: kernel.currentFacts())
    } catch {
      return .applyFailed(error)
    }
    try await afterApply()
    return .applied
  }
}
