/// The name of one run of the kernel, in logs and in the control interface.
public struct RunID: Hashable, Sendable, Codable, CustomStringConvertible {
  /// The name.
  public let description: String

  /// Creates a name.
  public init(_ text: String) { description = text }

  /// Decodes the name.
  public init(from decoder: any Decoder) throws {
    description = try decoder.singleValueContainer().decode(String.self)
  }

  /// Encodes the name.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

/// What somebody wants the kernel to do.
public struct RunRequest: Hashable, Sendable, Codable {
  /// What is wanted.
  public enum Purpose: Hashable, Sendable, Codable {
    /// Look, and mend what policy allows: the daemon by itself, or told to with `reconcile`.
    case pass(Set<Trigger>)
    /// Look at everything and say what would be done; change nothing.
    case plan
    /// Look at everything and carry it out. With a digest, only while the plan still has it.
    case apply(digest: String?)
  }

  /// Its name.
  public let id: RunID
  /// What is wanted.
  public let purpose: Purpose
  /// What it is about; nil for everything.
  public let targets: [Target]?
  /// The operator's word for risks beyond safe.
  public let allow: Set<Risk>

  /// Creates a request.
  public init(_ id: RunID, _ purpose: Purpose, targets: [Target]? = nil, allow: Set<Risk> = []) {
    self.id = id
    self.purpose = purpose
    self.targets = targets
    self.allow = allow
  }

  var origin: PlannerInput.Origin {
    if case .pass = purpose { .daemon } else { .operator(allow: allow) }
  }
}

/// How a run ended.
public struct RunResult: Sendable {
  /// How one action went.
  public struct ActionResult: Hashable, Sendable, Codable {
    /// How it ended.
    public let outcome: Outcome
    /// From its start to its end; zero for one that never started.
    public let duration: Duration
    /// How often it has been tried, with this time.
    public let attempts: Int

    /// Creates a result.
    public init(outcome: Outcome, duration: Duration, attempts: Int) {
      self.outcome = outcome
      self.duration = duration
      self.attempts = attempts
    }
  }

  /// The run.
  public let id: RunID
  /// Why it did not run; nil when it did.
  public let refusal: String?
  /// The first plan of the run: what was approved.
  public let plan: Plan
  /// How each action of that plan ended, and each cut beside it; of held changes, why they were.
  public let actions: [ResourceID: ActionResult]

  /// Creates a result.
  public init(id: RunID, refusal: String?, plan: Plan, actions: [ResourceID: ActionResult]) {
    self.id = id
    self.refusal = refusal
    self.plan = plan
    self.actions = actions
  }

  /// The result of a run that never looked.
  public static func refused(_ id: RunID, _ reason: String) -> RunResult {
    let nothing = Plan(digest: "", actions: [], held: [], findings: [], systems: [:])
    return RunResult(id: id, refusal: reason, plan: nothing, actions: [:])
  }

  /// Whether everything that was to be done is done.
  public var isSuccess: Bool {
    refusal == nil && plan.held.isEmpty && actions.values.allSatisfy { $0.outcome.isSuccess }
  }
}
