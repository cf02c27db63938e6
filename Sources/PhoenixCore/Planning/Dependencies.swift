/// What must come before what.
enum Dependencies {
  /// Fills in what each action waits for, and holds what waits for something that will not become ready.
  static func resolve(_ draft: inout Draft, _ input: PlannerInput) {
    var changed = true
    while changed {
      changed = false
      for change in draft.runnable {
        if let hold = firstBlock(on: change, draft, input) {
          draft.hold(change.resource, hold)
          changed = true
        }
      }
    }
    for change in draft.runnable {
      draft.after[change.resource] = Set(predecessors(of: change, draft))
    }
    // That a run began without it explains nothing while it waits for something.
    for held in draft.held.values.sorted(by: { $0.change.resource < $1.change.resource })
    where held.cause == .notApproved && input.ended[held.change.resource] == nil {
      if let block = firstBlock(on: held.change, draft, input) { draft.explain(held.change.resource, block) }
    }
  }

  /// The runnable changes in an order in which each comes after what it waits for; those of a cycle are held.
  static func order(_ draft: inout Draft, findings: inout [Finding]) -> [(ResourceID, Change)] {
    var ordered: [(ResourceID, Change)] = []
    var placed: Set<ResourceID> = []
    var left = draft.runnable
    while !left.isEmpty {
      let free = left.filter { draft.after[$0.resource, default: []].isSubset(of: placed) }
      if free.isEmpty {
        holdCycle(left, &draft, &findings)
        // What waits for a member of the cycle is held with it: it can never run.
        return ordered
      }
      for change in free {
        ordered.append((change.resource, change))
        placed.insert(change.resource)
      }
      left.removeAll { placed.contains($0.resource) }
    }
    return ordered
  }

  private static func holdCycle(_ members: [Change], _ draft: inout Draft, _ findings: inout [Finding]) {
    let names = members.map(\.resource.description).joined(separator: ", ")
    findings.append(
      Finding(
        .error, "these wait for one another: \(names)", hint: "remove one of the dependencies between them"))
    for member in members {
      draft.hold(member.resource, Hold(.blocked, "it waits for itself, by way of \(names)"))
    }
  }

  private static func firstBlock(on change: Change, _ draft: Draft, _ input: PlannerInput) -> Hold? {
    if change.kind == .delete {
      // A delete waits for the deletes of whatever requires it, and is kept back with them.
      let users = draft.deletedDependents[change.resource] ?? []
      if let user = users.first(where: { draft.isHeld($0) }) {
        return Hold(.blocked, "waits for the delete of \(user), which is held")
      }
      return nil
    }
    for required in change.requires {
      if let other = draft.changes[required] {
        if other.kind == .delete { return Hold(.blocked, "it requires \(required), which is to be deleted") }
        if let held = draft.held[required] {
          // What is there and does its work is enough, although it is to be changed: while Step-CA is down and a
          // renewal falls due, whoever uses the certificate can still be put right.
          if other.kind == .update, input.readiness(required) == .ready { continue }
          return Hold(.blocked, "waits for \(required), which is held: \(held.reason)")
        }
        continue
      }
      if let outcome = input.ended[required], !outcome.isSuccess {
        return Hold(.blocked, "waits for \(required): \(outcome.reason ?? outcome.word)")
      }
      switch input.readiness(required) {
      case .ready: continue
      case .notReady(let reason): return Hold(.blocked, "waits for \(required): \(reason)")
      case .unreadable(let reason):
        return Hold(.blocked, "waits for \(required), which cannot be read: \(reason)")
      }
    }
    return nil
  }

  private static func predecessors(of change: Change, _ draft: Draft) -> [ResourceID] {
    if change.kind == .delete {
      return (draft.deletedDependents[change.resource] ?? []).filter { !draft.isHeld($0) }
    }
    return change.requires.filter { draft.changes[$0] != nil && !draft.isHeld($0) }
  }
}
