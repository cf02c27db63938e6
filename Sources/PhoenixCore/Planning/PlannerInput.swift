/// Everything a plan is made of. The planner looks at nothing else.
public struct PlannerInput: Sendable {
  /// Who wants the plan.
  public enum Origin: Hashable, Sendable {
    /// The daemon by itself: policy, windows and guards apply.
    case daemon
    /// An operator, with what he allows beyond safe.
    case `operator`(allow: Set<Risk>)
  }

  /// What differs, as the systems' diffs say.
  public var changes: [Change] = []
  /// What is declared, with what each requires.
  public var declared: [ResourceID: DeclaredResource] = [:]
  /// What owning systems say of resources.
  public var readiness: @Sendable (ResourceID) -> Readiness = { _ in .unreadable("nobody knows it") }
  /// How readable each system was.
  public var health: [SystemName: SystemHealth] = [:]
  /// What acting on a resource occupies.
  public var route: @Sendable (ResourceID) -> Route = { _ in Route(lane: "", endpoint: "") }
  /// Who wants the plan.
  public var origin: Origin = .daemon
  /// What the daemon may do by itself.
  public var policy = Policy()
  /// What is known from before.
  public var memory = KernelMemory()
  /// Endpoints that keep failing, and are not to be asked now.
  public var openCircuits: Set<String> = []
  /// Whether what must be on disk before acting can be written.
  public var isJournalWritable = true
  /// In later waves of a run: the only resources that may be acted on, with the risk approved for each.
  public var approved: [ResourceID: Risk]?
  /// In later waves of a run: what a guard held when it began, and why. Guards count a run's whole plan.
  public var guarded: [ResourceID: String] = [:]
  /// How the actions of this run have ended so far.
  public var ended: [ResourceID: Outcome] = [:]
  /// What the command is about; nil for everything. What the targets require belongs to it.
  public var targets: [Target]?
  /// The digest of the desired state.
  public var desiredDigest = ""
  /// What compile and the systems found.
  public var findings: [Finding] = []
  /// How long an action may take.
  public var actionDeadline: Duration = .seconds(120)
  /// Now.
  public var now: Moment

  /// Creates an input with no changes.
  public init(now: Moment) { self.now = now }

  /// Whether the daemon would end an exposure by itself now. Then the run that sees it does, though it began without.
  func cuts(_ change: Change) -> Bool {
    change.endsExposure && policy.heals(change.resource.system)
      && policy.allowed(at: now).contains(change.risk)
  }

  /// The risks that may be taken with a resource now: policy, windows, the operator's word, and the words
  /// that still hold from before a crash.
  func allowedRisks(for change: Change) -> Set<Risk> {
    var risks = policy.allowed(at: now)
    if case .operator(let allow) = origin { risks.formUnion(allow.union([.safe])) }
    if memory.isApproved(change, at: now.wall) { risks.insert(change.risk) }
    return risks
  }
}
