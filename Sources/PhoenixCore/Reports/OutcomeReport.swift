/// How the change of one resource went, as JSON shows it.
public struct OutcomeReport: Hashable, Sendable, Codable {
  /// The resource.
  public let resource: ResourceID
  /// `Outcome.word`.
  public let outcome: String
  /// Why, where there is something to say.
  public let reason: String?
  /// From the start of the action to its end, in seconds.
  public let seconds: Double
  /// How often it has been tried, with this time.
  public let attempts: Int
  /// Whether the resource is as it should be; not part of the JSON.
  public var isSuccess: Bool { outcome == Outcome.verified.word || outcome == Outcome.unchanged.word }
  /// Whether it was kept from being tried; not part of the JSON.
  public var isHeld: Bool { outcome == Outcome.held("").word || outcome == Outcome.blocked(by: []).word }

  enum CodingKeys: String, CodingKey {
    case resource, outcome, reason, attempts
    case seconds = "duration_s"
  }

  /// Makes the report of how an action went.
  public init(_ resource: ResourceID, _ result: RunResult.ActionResult) {
    self.resource = resource
    outcome = result.outcome.word
    reason = result.outcome.reason
    seconds = Double(result.duration.wholeMilliseconds) / 1000
    attempts = result.attempts
  }

  /// Encodes every key, those without a value as null.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(resource, forKey: .resource)
    try container.encode(outcome, forKey: .outcome)
    try container.encode(reason, forKey: .reason)
    try container.encode(seconds, forKey: .seconds)
    try container.encode(attempts, forKey: .attempts)
  }
}

/// How a run went, as JSON shows it.
public struct RunReport: Hashable, Sendable, Codable {
  /// The run.
  public let run: RunID
  /// Why it did nothing; nil when it did what it could.
  public let refusal: String?
  /// The digest of what was approved.
  public let digest: String
  /// How each change went, by resource.
  public let outcomes: [OutcomeReport]
  /// How readable each system was.
  public let systems: [SystemReport]
  /// What would be done, when nothing was to be done.
  public let plan: PlanReport?

  /// Makes the report of a run.
  ///
  /// - Parameters:
  ///   - result: How it ended.
  ///   - isPlan: Whether nothing was to be done.
  public init(_ result: RunResult, isPlan: Bool) {
    run = result.id
    refusal = result.refusal
    digest = result.plan.digest
    outcomes = result.actions.sorted { $0.key < $1.key }.map { OutcomeReport($0.key, $0.value) }
    systems = SystemReport.list(result.plan.systems)
    plan = isPlan ? PlanReport(result.plan) : nil
  }
}
