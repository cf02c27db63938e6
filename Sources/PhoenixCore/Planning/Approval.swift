extension KernelMemory {
  /// An operator's word for one plan, kept so that its run goes on after a crash.
  ///
  /// It is for what was shown to him and for nothing else: the same changes, under the same files, for an hour.
  public struct Approval: Hashable, Sendable, Codable {
    /// How long a word holds.
    public static let lifetime: Duration = .seconds(3600)

    /// The digest of the plan that was approved.
    public let digest: String
    /// The digest of the files under which it was.
    public let desiredDigest: String
    /// The actions of that plan that are not done yet.
    public internal(set) var changes: [ResourceID: Change]
    /// Those that a crash cut short: how far they came, nobody knows.
    public internal(set) var interrupted: Set<ResourceID> = []
    /// When the word was given. It holds for an hour, and not when the clock now stands before that.
    public let given: WallTime

    init(_ plan: Plan, desiredDigest: String, given: WallTime) {
      digest = plan.digest
      self.desiredDigest = desiredDigest
      changes = Dictionary(
        plan.actions.map { ($0.resource, $0.change) }, uniquingKeysWith: { first, _ in first })
      self.given = given
    }

    func holds(at now: WallTime) -> Bool { given <= now && now < given + Self.lifetime }

    /// Whether a change is one that was approved, or what a crash left of one.
    func covers(_ change: Change, at now: WallTime) -> Bool {
      guard holds(at: now), let approved = changes[change.resource], change.risk <= approved.risk else {
        return false
      }
      let wasCutShort = interrupted.contains(change.resource)
      guard
        change.kind == approved.kind || (wasCutShort && change.kind != .delete && approved.kind != .delete)
      else { return false }
      guard wasCutShort || change.fields.count == approved.fields.count else { return false }
      return change.fields.allSatisfy { field in
        guard let shown = approved.fields.first(where: { $0.field == field.field }) else { return false }
        return (field.to == shown.to || shown.to == .knownAfterApply)
          && (wasCutShort || field.from == shown.from)
      }
    }
  }

  /// Whether an operator's word from before a crash is for this change.
  func isApproved(_ change: Change, at now: WallTime) -> Bool {
    approvals.contains { $0.covers(change, at: now) }
  }
}
