/// One run of the kernel: look, plan, act in waves, look again, tell.
struct Run: Sendable {
  /// One action under way.
  struct ActionRun: Sendable {
    enum Phase: Sendable {
      case queued
      /// Looking whether it is still wanted.
      case rechecking
      case applying
      /// Looking whether it is so. With the failure of an apply whose effect may have come about all the same.
      case proving(Failure?)
    }

    var action: Action
    var phase: Phase = .queued
    var started: Moment?
    /// Looks after the apply.
    var looks = 0

    func isOverdue(at now: Moment) -> Bool {
      guard let started else { return false }
      return started.boot + action.deadline <= now.boot
    }
  }

  let request: RunRequest
  /// Requests that wanted the same and are answered with it.
  let alsoFor: [RunID]
  let started: Moment
  /// The systems it looks at.
  var scope: Set<SystemName>
  /// The systems whose look is awaited.
  var awaited: Set<SystemName> = []
  /// When the last looks of all were asked for.
  var looked: BootTime
  /// The systems that are looked at beside the actions now.
  var watching: Set<SystemName> = []
  /// When they were looked at so the last time.
  var watched: [SystemName: BootTime] = [:]
  /// Those that somebody wants looked at at once.
  var isNudged: Set<SystemName> = []
  /// The first plan: what may be done in this run.
  var approvedPlan: Plan?
  /// What the latest plan of its waves kept back.
  var heldLast: [HeldChange] = []
  var wave = 0
  var active: [ResourceID: ActionRun] = [:]
  var ended: [ResourceID: RunResult.ActionResult] = [:]
  var isCancelled = false

  var approvedRisks: [ResourceID: Risk]? {
    approvedPlan.map { plan in
      Dictionary(plan.actions.map { ($0.resource, $0.change.risk) }, uniquingKeysWith: { first, _ in first })
    }
  }
}
