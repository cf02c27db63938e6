/// How a resource stands, as `phoenix status` shows it.
public struct ResourceStatus: Hashable, Sendable, Codable {
  /// How it stands.
  public enum State: String, Hashable, Sendable, Codable, CaseIterable {
    case inSync = "in_sync"
    case drifted, pending, failed, held, suspended, unknown
  }

  /// The resource.
  public let resource: ResourceID
  /// How it stands.
  public let state: State
  /// Since when.
  public let since: WallTime
  /// Why, in words.
  public let detail: String?

  /// Creates a status.
  public init(resource: ResourceID, state: State, since: WallTime, detail: String? = nil) {
    self.resource = resource
    self.state = state
    self.since = since
    self.detail = detail
  }
}

/// The states of all resources, each with when it came about.
struct StatusBook: Sendable {
  private(set) var entries: [ResourceID: ResourceStatus] = [:]

  mutating func update(_ kernel: Kernel, differing: [Change], _ now: Moment) {
    var changes: [ResourceID: Change] = [:]
    for change in differing { changes[change.resource] = change }
    let ids = Set(kernel.declared.keys).union(changes.keys)
    // Once a system: it goes through all that was seen of it.
    let healths = kernel.healths()
    var next: [ResourceID: ResourceStatus] = [:]
    for id in ids {
      let health = healths[id.system] ?? .unreadable("not looked at yet")
      let (state, detail) = Self.state(of: id, health, changes[id], kernel.held[id], kernel, now)
      if let old = entries[id], old.state == state, old.detail == detail {
        next[id] = old
      } else {
        let since = entries[id].flatMap { $0.state == state ? $0.since : nil } ?? now.wall
        next[id] = ResourceStatus(resource: id, state: state, since: since, detail: detail)
      }
    }
    entries = next
  }

  private static func state(
    of id: ResourceID, _ health: SystemHealth, _ change: Change?, _ held: HeldChange?, _ kernel: Kernel,
    _ now: Moment
  ) -> (ResourceStatus.State, String?) {
    // What is left alone is looked at all the same, and what differs is told.
    let difference = change.map { ": \($0.reason)" } ?? ""
    if let suspension = kernel.memory.suspensions[id], suspension.until.map({ now.wall < $0 }) ?? true {
      return (
        .suspended, (suspension.until.map { "until \($0.utcText)" } ?? "until resumed") + difference
      )
    }
    if case .unreadable(let reason) = health { return (.unknown, reason) }
    if kernel.memory.isPaused, change != nil { return (.suspended, "everything is paused" + difference) }
    guard let change else {
      switch kernel.readiness(of: id) {
      case .unreadable(let reason): return (.unknown, reason)
      case .notReady(let reason): return (.pending, reason)
      case .ready: return (.inSync, nil)
      }
    }
    if let held {
      return (held.cause == .failed || held.cause == .backoff ? .failed : .held, held.reason)
    }
    if let trouble = kernel.memory.troubles[id] { return (.failed, trouble.reason) }
    return (.drifted, change.reason)
  }
}

extension Kernel {
  /// How every resource stood after the last run.
  public var resourceStatuses: [ResourceStatus] {
    statuses.entries.values.sorted { $0.resource < $1.resource }
  }

  /// Everything that is declared, by name.
  public var declaredResources: [DeclaredResource] { declared.values.sorted { $0.id < $1.id } }

  /// How readable every system was at the last look; one never looked at is missing.
  public var systemHealths: [SystemName: SystemHealth] { healths() }

  /// What is wanted and not done, as of each system's last look.
  public var heldChanges: [HeldChange] { held.values.sorted { $0.change.resource < $1.change.resource } }

  /// What is known to be wrong with the files and the resources.
  public var currentFindings: [Finding] {
    [refusedFiles].compactMap { $0 } + configuration.findings
      + systems.keys.sorted().flatMap { systems[$0]?.findings() ?? [] }
  }
}
