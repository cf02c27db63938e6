/// What was seen of one system, on its way from the hands to the kernel.
public struct Observation: Sendable {
  /// The system.
  public let system: SystemName
  /// What was looked at.
  public let scope: ObservationScope
  /// What it brought.
  public let content: Content

  /// What a look brings.
  public enum Content: Sendable {
    /// The system's own Observed.
    case seen(any Sendable)
    /// Nothing came back in time, for this reason: the whole system is unreadable until the next look.
    case silent(String)
  }

  /// Creates an observation.
  public init(_ system: SystemName, _ scope: ObservationScope, _ content: Content) {
    self.system = system
    self.scope = scope
    self.content = content
  }
}

/// What the kernel holds of one system: its desired state and the last look at it, behind its model.
public protocol SystemState: Sendable {
  /// The system.
  var name: SystemName { get }
  /// What is declared of it.
  var declared: [DeclaredResource] { get }
  /// What compile found.
  var compileFindings: [Finding] { get }
  /// Whether it has been looked at since it was compiled.
  var isObserved: Bool { get }
  /// What differs; none before the first look.
  func changes(facts: Facts, now: WallTime) -> [Change]
  /// Whether what requires the resource may go ahead.
  func readiness(of resource: ResourceID) -> Readiness
  /// What it publishes.
  func facts() -> [FactKey: Reading<FactValue>]
  /// Whether it could be read; nil before the first look.
  func health() -> SystemHealth?
  /// What should be known beyond differences.
  func findings() -> [Finding]
  /// Whether it can find what must never be open.
  var watchesExposures: Bool { get }
  /// Identities to record.
  func identities() -> [ResourceID: String]
  /// Whether something is on its way by itself.
  func isInMotion() -> Bool
  /// When it needs a look by itself.
  func nextDeadline(now: WallTime) -> WallTime?
  /// What acting on a resource occupies.
  func route(of resource: ResourceID) -> Route
  /// Takes a look in. One of another system's type is ignored, and the reading stays as it was.
  mutating func accept(_ observation: Observation)
}

/// The state of a system with its types.
public struct SystemSlot<Model: SystemModel>: SystemState {
  /// What should be.
  public let desired: Model.Desired
  /// What is declared.
  public let declared: [DeclaredResource]
  /// What compile found.
  public let compileFindings: [Finding]
  /// The last look; nil before the first.
  public private(set) var observed: Model.Observed?
  /// Why the newest look brought nothing; nil when it brought something.
  private var silence: String?

  /// Creates the state of a system that has not been looked at yet.
  public init(_ compiled: Compiled<Model.Desired>, of model: Model.Type = Model.self) {
    desired = compiled.desired
    declared = compiled.resources
    compileFindings = compiled.findings
  }

  /// The system.
  public var name: SystemName { Model.name }
  /// Whether it has been looked at.
  public var isObserved: Bool { observed != nil || silence != nil }

  /// What differs.
  public func changes(facts: Facts, now: WallTime) -> [Change] {
    guard let observed, silence == nil else { return [] }
    return Model.diff(desired: desired, observed: observed, facts: facts, now: now)
  }

  /// Whether what requires the resource may go ahead.
  public func readiness(of resource: ResourceID) -> Readiness {
    if let silence { return .unreadable(silence) }
    guard let observed else { return .unreadable("\(Model.name.rawValue) has not been looked at yet") }
    return Model.ready(resource, desired: desired, observed: observed)
  }

  /// What it publishes.
  public func facts() -> [FactKey: Reading<FactValue>] {
    let facts = observed.map { Model.facts(of: $0) } ?? [:]
    guard let silence else { return facts }
    return facts.mapValues { _ in .unreadable(silence) }
  }
  /// Whether it could be read.
  public func health() -> SystemHealth? {
    if let silence { return .unreadable(silence) }
    return observed.map { Model.health(of: $0) }
  }
  /// What should be known beyond differences.
  public func findings() -> [Finding] {
    observed.map { Model.findings(desired: desired, observed: $0) } ?? []
  }
  /// Whether it can find what must never be open.
  public var watchesExposures: Bool { Model.watchesExposures }
  /// Identities to record.
  public func identities() -> [ResourceID: String] { observed.map { Model.identities(of: $0) } ?? [:] }
  /// Whether something is on its way by itself.
  public func isInMotion() -> Bool {
    observed.map { Model.isInMotion(desired: desired, observed: $0) } ?? false
  }
  /// When it needs a look by itself.
  public func nextDeadline(now: WallTime) -> WallTime? {
    observed.flatMap { Model.nextDeadline(desired: desired, observed: $0, now: now) }
  }
  /// What acting on a resource occupies.
  public func route(of resource: ResourceID) -> Route { Model.route(resource, desired: desired) }

  /// Takes a look in.
  public mutating func accept(_ observation: Observation) {
    guard observation.system == Model.name else { return }
    switch observation.content {
    case .silent(let reason): silence = reason
    case .seen(let content):
      guard let newer = content as? Model.Observed else { return }
      if observation.scope == .everything {
        observed = newer
        silence = nil
      } else if let older = observed {
        // A part of a whole that was never seen would read as a whole with the rest absent. After a silence the
        // rest is as old as before: only a whole look ends it.
        observed = Model.merge(newer, into: older, scope: observation.scope)
      }
    }
  }
}
