import PhoenixCore

extension Oracle {
  /// Everything is as it should be, but for what must be left to the operator, and that is held with a reason.
  mutating func expectConverged(_ world: SimulatedWorld, _ kernel: Kernel, disk: KernelMemory?) {
    let held = Dictionary(kernel.heldChanges.map { ($0.change.resource, $0) }) { first, _ in first }
    let seen = disk?.seenInSync ?? []
    for id in Set(world.declared).union(world.actual.keys).sorted() {
      let isDeclared = world.desired[id.system]?[id.name] != nil
      if world.wanted(id) == world.actual[id], world.wanted(id) != nil || !isDeclared { continue }
      if isExcused(id, held, seen, world) { continue }
      fail(
        "\(id) is \(world.actual[id].map(String.init) ?? "absent") and should be "
          + "\(world.wanted(id).map(String.init) ?? (isDeclared ? "what it follows" : "absent")), held: "
          + "\(held[id].map(\.cause.rawValue) ?? "no")")
    }
  }

  private func isExcused(
    _ id: ResourceID, _ held: [ResourceID: HeldChange], _ seen: Set<ResourceID>, _ world: SimulatedWorld
  ) -> Bool {
    switch held[id]?.cause {
    case .vanished: return world.holdsData(id)
    case .risk:
      let risk = world.desired[id.system]?[id.name]?.risk ?? .safe
      return risk != .safe && !world.policy.allow.contains(risk)
    case .selfHealOff: return !world.policy.heals(id.system)
    case .guard: return isGuarded(id, held, seen, world.policy)
    case .blocked:
      return (world.requires[id] ?? []).contains {
        world.actual[$0] == nil || world.wanted($0) != world.actual[$0]
      }
    case .refused, .suspended, .paused, .failed, .backoff, .circuit, .notApproved, .journal: return false
    case nil:
      // Not even differing, in the kernel's eyes: it follows something that is not there.
      return world.desired[id.system]?[id.name] != nil && world.wanted(id) == nil
    }
  }

  /// A guard may hold only what is more than the policy lets through.
  private func isGuarded(
    _ id: ResourceID, _ held: [ResourceID: HeldChange], _ seen: Set<ResourceID>, _ policy: Policy
  ) -> Bool {
    // A later pass over a part says of some that they wait for those that the guard holds.
    let guarded = held.values.filter {
      [.guard, .blocked].contains($0.cause) && $0.change.kind != .create && seen.contains($0.change.resource)
    }
    guard guarded.contains(where: { $0.change.resource == id }) else { return false }
    if held[id]?.change.kind == .delete,
      guarded.filter({ $0.change.kind == .delete }).count > policy.maxDeletes
    {
      return true
    }
    return seen.count >= 10 && Double(guarded.count) > policy.maxChangedFraction * Double(seen.count)
  }
}
