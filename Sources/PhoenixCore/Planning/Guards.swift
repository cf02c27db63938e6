/// Stops a plan that would take away or change too much at once.
///
/// Only deletes of, and updates to, resources that were seen in sync before count: creates never do, and no more do
/// renewals and what takes them up. After an outage all certificates may be due at once, and holding them back is what
/// would do the harm. Nor does what ends an exposure: whoever opens many at once must not keep them open by that.
enum Guards {
  /// The fraction applies from this many resources up.
  static let smallest = 10

  static func apply(to draft: inout Draft, _ input: PlannerInput, findings: inout [Finding]) {
    let seen = input.memory.seenInSync
    let counted = draft.runnable.filter {
      $0.kind != .create && !$0.isScheduled && !$0.endsExposure && seen.contains($0.resource)
        && !input.memory.isApproved($0, at: input.now.wall)
    }
    let deletes = counted.filter { $0.kind == .delete }

    let limit = input.policy.maxDeletes
    if deletes.count > limit {
      let reason = "\(deletes.count) deletes at once, \(limit) are allowed (policy.max_deletes)"
      stop(deletes, reason, &draft, &findings)
    }
    let fraction = input.policy.maxChangedFraction
    if seen.count >= smallest, Double(counted.count) > fraction * Double(seen.count) {
      let reason =
        "\(counted.count) of \(seen.count) resources that were in sync would change at once, "
        + "more than the allowed part \(fraction) (policy.max_changed_fraction)"
      stop(counted, reason, &draft, &findings)
    }
  }

  private static func stop(
    _ changes: [Change], _ reason: String, _ draft: inout Draft, _ findings: inout [Finding]
  ) {
    let hint = "look at `phoenix plan`; if it is what you want, `phoenix apply` does it"
    findings.append(Finding(.warning, "refused by a guard: \(reason)", hint: hint))
    for change in changes {
      draft.hold(change.resource, Hold(.guard, "refused by a guard: \(reason); \(hint)"))
    }
  }
}
