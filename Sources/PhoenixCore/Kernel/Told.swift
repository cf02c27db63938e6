/// What has been told already, so that a steady state says nothing twice.
struct Told: Sendable {
  var drift: [ResourceID: String] = [:]
  var held: [ResourceID: HeldChange.Cause] = [:]
  var health: [SystemName: SystemHealth] = [:]
}

extension Kernel {
  /// Tells what a plan says that was not told before. Returns whether there was anything.
  mutating func tellNews(of plan: Plan, run id: RunID) -> Bool {
    var isNews = false
    let changes = plan.actions.map(\.change) + plan.held.map(\.change)
    for change in changes { isNews = tellDrift(change, run: id) || isNews }
    let changed = Set(changes.map(\.resource))
    told.drift = told.drift.filter { !isInScope($0.key) || changed.contains($0.key) }

    for held in plan.held where told.held[held.change.resource] != held.cause {
      tell(.held(held), run: id)
      isNews = true
    }
    let causes = Dictionary(
      plan.held.map { ($0.change.resource, $0.cause) }, uniquingKeysWith: { first, _ in first })
    told.held = told.held.filter { !isInScope($0.key) }.merging(causes) { _, newer in newer }
    return isNews
  }

  /// The same of one change.
  @discardableResult
  mutating func tellDrift(_ change: Change, run id: RunID) -> Bool {
    let digest = PlanDigest.of(change)
    guard told.drift[change.resource] != digest else { return false }
    told.drift[change.resource] = digest
    tell(.driftFound(change), run: id)
    return true
  }

  mutating func tellHealth(of system: SystemName, run id: RunID) {
    guard let health = systems[system]?.health(), told.health[system] != health else { return }
    told.health[system] = health
    tell(.healthChanged(system, health), run: id)
  }

  /// Whether the run's plan says how a resource stands. One about a part says nothing of the rest.
  func isInScope(_ resource: ResourceID) -> Bool {
    guard let run else { return false }
    return run.request.targets?.contains { $0.matches(resource) } ?? true
  }
}
