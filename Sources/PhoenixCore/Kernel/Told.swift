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
    let digests = Dictionary(
      changes.map { ($0.resource, PlanDigest.of($0)) }, uniquingKeysWith: { first, _ in first })
    for change in changes where told.drift[change.resource] != digests[change.resource] {
      tell(.driftFound(change), run: id)
      isNews = true
    }
    told.drift = told.drift.filter { !isInScope($0.key) }.merging(digests) { _, newer in newer }

    for held in plan.held where told.held[held.change.resource] != held.cause {
      tell(.held(held), run: id)
      isNews = true
    }
    let causes = Dictionary(
      plan.held.map { ($0.change.resource, $0.cause) }, uniquingKeysWith: { first, _ in first })
    told.held = told.held.filter { !isInScope($0.key) }.merging(causes) { _, newer in newer }
    return isNews
  }

  /// The same of one change that is acted on before there is a whole plan.
  mutating func tellDrift(_ change: Change, run id: RunID) {
    let digest = PlanDigest.of(change)
    guard told.drift[change.resource] != digest else { return }
    told.drift[change.resource] = digest
    tell(.driftFound(change), run: id)
  }

  mutating func tellHealth(of system: SystemName, run id: RunID) {
    guard let health = systems[system]?.health(), told.health[system] != health else { return }
    told.health[system] = health
    tell(.healthChanged(system, health), run: id)
  }

  /// Whether the run's plan says how a resource stands. One about a part says nothing of the rest.
  private func isInScope(_ resource: ResourceID) -> Bool {
    guard let run else { return false }
    return run.request.targets?.contains { $0.matches(resource) } ?? true
  }
}
