/// Turns differences into a plan. Pure: the same input gives the same plan.
public enum Planner {
  /// Makes a plan.
  ///
  /// - Parameter input: Everything the plan is made of.
  /// - Returns: The plan; what is not carried out is in `held`, each with its reason.
  public static func plan(_ input: PlannerInput) -> Plan {
    var findings = input.findings
    let changes = unique(input.changes, findings: &findings).map {
      prepared($0, input.declared, input.memory)
    }
    let wanted = selected(changes, input)

    var draft = Draft(wanted)
    for change in wanted {
      if let hold = HoldRules.firstHold(on: change, input) { draft.hold(change.resource, hold) }
    }
    if case .daemon = input.origin { Guards.apply(to: &draft, input, findings: &findings) }
    Dependencies.resolve(&draft, input)
    let ordered = Dependencies.order(&draft, findings: &findings)

    let actions = ordered.map { resource, change in
      Action(change, after: draft.after[resource, default: []].sorted(), deadline: input.actionDeadline)
    }
    let held = draft.held.values.sorted { $0.change.resource < $1.change.resource }
    return Plan(
      digest: PlanDigest.of(actions: actions, held: held, desiredDigest: input.desiredDigest),
      actions: actions, held: held, findings: findings, systems: input.health)
  }

  /// One change a resource; a second one is a mistake of its system, and is reported.
  private static func unique(_ changes: [Change], findings: inout [Finding]) -> [Change] {
    var seen: Set<ResourceID> = []
    var kept: [Change] = []
    for change in changes {
      if seen.insert(change.resource).inserted {
        kept.append(change)
      } else {
        findings.append(
          Finding(
            .error, resource: change.resource, "two changes were made for one resource; the first is used",
            hint: "this is a defect of Phoenix, please report it"))
      }
    }
    return kept.sorted { $0.resource < $1.resource }
  }

  /// The change with what it requires, and with the risk that re-creating something lost has.
  static func prepared(
    _ change: Change, _ declared: [ResourceID: DeclaredResource], _ memory: KernelMemory
  ) -> Change {
    var change = change
    change.requires =
      change.isSelfContained ? [] : declared[change.resource]?.requirements(for: change.kind) ?? []
    if change.kind == .create, memory.identities[change.resource] != nil { change.risk = .destructive }
    return change
  }

  /// The changes that the targets name, and those of what they require or are made from, however far; and exposures that
  /// came up since the run began.
  private static func selected(_ changes: [Change], _ input: PlannerInput) -> [Change] {
    guard let targets = input.targets else { return changes }
    var wanted = Set(changes.map(\.resource).filter { id in targets.contains { $0.matches(id) } })
    for id in input.declared.keys where targets.contains(where: { $0.matches(id) }) { wanted.insert(id) }
    var open = Array(wanted)
    while let next = open.popLast() {
      for required in input.declared[next]?.requirements(for: .create) ?? []
      where wanted.insert(required).inserted {
        open.append(required)
      }
    }
    let hasBegun = input.approved != nil
    return changes.filter { wanted.contains($0.resource) || (hasBegun && input.cuts($0)) }
  }
}

/// A plan in the making: each change is to be done until something holds it.
struct Draft {
  let changes: [ResourceID: Change]
  /// By each resource, those to be deleted that require it.
  let deletedDependents: [ResourceID: [ResourceID]]
  /// All changes, by resource: sorted once, and asked for again and again.
  private let sorted: [Change]
  private(set) var held: [ResourceID: HeldChange] = [:]
  var after: [ResourceID: Set<ResourceID>] = [:]

  init(_ changes: [Change]) {
    self.changes = Dictionary(changes.map { ($0.resource, $0) }, uniquingKeysWith: { first, _ in first })
    sorted = changes.sorted { $0.resource < $1.resource }
    var dependents: [ResourceID: [ResourceID]] = [:]
    for change in changes where change.kind == .delete {
      for required in Set(change.requires) { dependents[required, default: []].append(change.resource) }
    }
    deletedDependents = dependents
  }

  /// The changes that nothing holds, by resource.
  var runnable: [Change] { held.isEmpty ? sorted : sorted.filter { held[$0.resource] == nil } }

  func isHeld(_ resource: ResourceID) -> Bool { held[resource] != nil }

  mutating func hold(_ resource: ResourceID, _ hold: Hold) {
    guard held[resource] == nil, let change = changes[resource] else { return }
    held[resource] = HeldChange(change, hold.cause, hold.reason)
    after[resource] = nil
  }

  /// Gives another reason for what is held already.
  mutating func explain(_ resource: ResourceID, _ hold: Hold) {
    held[resource] = held[resource].map { HeldChange($0.change, hold.cause, hold.reason) }
  }
}

/// Why a change is not carried out.
struct Hold {
  let cause: HeldChange.Cause
  let reason: String

  init(_ cause: HeldChange.Cause, _ reason: String) {
    self.cause = cause
    self.reason = reason
  }
}
