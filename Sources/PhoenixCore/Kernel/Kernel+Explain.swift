/// Everything that is known of one resource: why it stands as it does.
public struct Explanation: Sendable {
  /// The declaration; nil for what the files do not declare.
  public let declared: DeclaredResource?
  /// What it requires, with what the owning systems say of each.
  public let requires: [ResourceID: Readiness]
  /// What requires it.
  public let neededBy: [ResourceID]
  /// What differs, as of the last look; nil when nothing does.
  public let change: Change?
  /// Why the change is not carried out; nil when nothing holds it.
  public let held: HeldChange?
  /// What went wrong the last time; nil when nothing did.
  public let trouble: KernelMemory.Trouble?
  /// The identity on record of what holds data; nil for other resources.
  public let identity: String?
  /// How readable its system was.
  public let health: SystemHealth?

  /// Creates an explanation.
  public init(
    declared: DeclaredResource?, requires: [ResourceID: Readiness], neededBy: [ResourceID], change: Change?,
    held: HeldChange?, trouble: KernelMemory.Trouble?, identity: String?, health: SystemHealth?
  ) {
    self.declared = declared
    self.requires = requires
    self.neededBy = neededBy
    self.change = change
    self.held = held
    self.trouble = trouble
    self.identity = identity
    self.health = health
  }
}

extension Kernel {
  /// What requires each resource.
  public var neededBy: [ResourceID: [ResourceID]] {
    var neededBy: [ResourceID: [ResourceID]] = [:]
    for resource in declared.values {
      for required in resource.requires { neededBy[required, default: []].append(resource.id) }
    }
    return neededBy
  }

  /// What lets each resource in, where something must.
  public var admittedBy: [ResourceID: [ResourceID]] {
    declared.mapValues(\.admittedBy).filter { !$0.value.isEmpty }
  }

  /// Explains a resource.
  ///
  /// - Parameters:
  ///   - resource: Which one.
  ///   - now: The moment.
  /// - Returns: What is known; of an unknown resource that is nothing.
  public func explanation(of resource: ResourceID, at now: Moment) -> Explanation {
    let required = declared[resource]?.requires ?? []
    return Explanation(
      declared: declared[resource],
      requires: Dictionary(required.map { ($0, readiness(of: $0)) }, uniquingKeysWith: { first, _ in first }),
      neededBy: neededBy[resource, default: []].sorted(),
      change: pendingChange(of: resource, now), held: held[resource], trouble: memory.troubles[resource],
      identity: memory.identities[resource], health: systems[resource.system]?.health())
  }
}
