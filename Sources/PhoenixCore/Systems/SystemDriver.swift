/// The hands of one system, behind its types.
public protocol SystemDriver: Sendable {
  /// The system.
  var name: SystemName { get }
  /// Makes the system's desired state out of the users' files.
  func compile(_ inventory: Inventory, _ nodes: ConfigurationNodes) -> any SystemState
  /// Looks, with the desired state that `state` holds.
  func observe(_ scope: ObservationScope, state: any SystemState) async -> Observation
  /// Carries one change out, with what `state` holds as desired and last seen.
  func apply(_ change: Change, state: any SystemState, facts: Facts) async throws(Failure)
  /// Takes an operator's wish; most systems know none.
  func request(_ wish: Wish, for resource: ResourceID, state: any SystemState) async throws(Failure)
}

/// A system's hands, with its types.
public struct Mounted<System: ManagedSystem>: SystemDriver {
  private let system: System

  /// Mounts a system.
  public init(_ system: System) { self.system = system }

  /// The system.
  public var name: SystemName { System.name }

  /// Makes the desired state; nothing of it has been looked at yet.
  public func compile(_ inventory: Inventory, _ nodes: ConfigurationNodes) -> any SystemState {
    SystemSlot(System.compile(inventory, nodes), of: System.self)
  }

  /// Looks.
  public func observe(_ scope: ObservationScope, state: any SystemState) async -> Observation {
    guard let slot = state as? SystemSlot<System> else { return mismatch(scope) }
    let observed = await system.observe(scope, desired: slot.desired)
    return Observation(System.name, scope, .seen(observed))
  }

  /// Carries one change out.
  public func apply(_ change: Change, state: any SystemState, facts: Facts) async throws(Failure) {
    guard let slot = state as? SystemSlot<System>, let observed = slot.observed else {
      throw Failure(
        .transient, doing: "change \(change.resource)", got: "it has not been looked at yet",
        hint: "it is looked at in the next pass")
    }
    try await system.apply(change, desired: slot.desired, observed: observed, facts: facts)
  }

  /// Passes the wish on, if this system takes any.
  public func request(
    _ wish: Wish, for resource: ResourceID, state: any SystemState
  ) async throws(Failure) {
    let doing = "\(wish.rawValue) \(resource)"
    guard let steerable = system as? any SteerableSystem else {
      throw Failure(.permanent, doing: doing, got: "\(name.rawValue) has nothing to \(wish.rawValue)")
    }
    guard let slot = state as? SystemSlot<System>, let observed = slot.observed else {
      throw Failure(
        .transient, doing: doing, got: "it has not been looked at yet", hint: "try again in a moment")
    }
    try await Self.pass(wish, for: resource, to: steerable, observed)
  }

  private static func pass<Steerable: SteerableSystem>(
    _ wish: Wish, for resource: ResourceID, to system: Steerable, _ observed: any Sendable
  ) async throws(Failure) {
    guard let observed = observed as? Steerable.Observed else { return }
    try await system.request(wish, for: resource, observed: observed)
  }

  private func mismatch(_ scope: ObservationScope) -> Observation {
    Observation(System.name, scope, .silent("its desired state was replaced while it was looked at"))
  }
}
