public import PhoenixCore

/// One line of a run's progress: `{"event": ...}`. The last one of a run is its result.
public enum ProgressLine: Hashable, Sendable, Codable {
  /// It was taken, under this name.
  case accepted(RunID)
  /// A plan was made: how many changes it has, and how many more are held.
  case planned(digest: String, changes: Int, held: Int)
  /// An action began.
  case began(ResourceID, Change.Kind, reason: String)
  /// An action ended.
  case ended(OutcomeReport)
  /// A wanted change is not carried out.
  case held(ResourceID, reason: String)
  /// A system became readable or unreadable.
  case system(SystemReport)
  /// The run ended.
  case result(RunReport)

  /// The line for an event; nil for one that says nothing to whoever wanted the run.
  init?(_ event: KernelEvent) {
    switch event.kind {
    case .planned(_, let plan):
      self = .planned(digest: plan.digest, changes: plan.actions.count, held: plan.held.count)
    case .actionStarted(let change): self = .began(change.resource, change.kind, reason: change.reason)
    case .actionEnded(let change, let result): self = .ended(OutcomeReport(change.resource, result))
    case .held(let held): self = .held(held.change.resource, reason: held.reason)
    case .healthChanged(let system, let health): self = .system(SystemReport(system, health))
    default: return nil
    }
  }

  private enum Event: String, Codable {
    case accepted, planned, began, ended, held, system, result
  }

  private enum CodingKeys: String, CodingKey {
    case event, run, digest, changes, held, resource, change, reason, outcome, system, result
  }

  /// Decodes a line.
  public init(from decoder: any Decoder) throws {
    let line = try decoder.container(keyedBy: CodingKeys.self)
    switch try line.decode(Event.self, forKey: .event) {
    case .accepted: self = .accepted(try line.decode(RunID.self, forKey: .run))
    case .planned:
      self = .planned(
        digest: try line.decode(String.self, forKey: .digest),
        changes: try line.decode(Int.self, forKey: .changes), held: try line.decode(Int.self, forKey: .held))
    case .began:
      self = .began(
        try line.decode(ResourceID.self, forKey: .resource),
        try line.decode(Change.Kind.self, forKey: .change),
        reason: try line.decode(String.self, forKey: .reason))
    case .ended: self = .ended(try line.decode(OutcomeReport.self, forKey: .outcome))
    case .held:
      self = .held(
        try line.decode(ResourceID.self, forKey: .resource),
        reason: try line.decode(String.self, forKey: .reason))
    case .system: self = .system(try line.decode(SystemReport.self, forKey: .system))
    case .result: self = .result(try line.decode(RunReport.self, forKey: .result))
    }
  }

  /// Encodes a line.
  public func encode(to encoder: any Encoder) throws {
    var line = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .accepted(let run):
      try line.encode(Event.accepted, forKey: .event)
      try line.encode(run, forKey: .run)
    case .planned(let digest, let changes, let held):
      try line.encode(Event.planned, forKey: .event)
      try line.encode(digest, forKey: .digest)
      try line.encode(changes, forKey: .changes)
      try line.encode(held, forKey: .held)
    case .began(let resource, let change, let reason):
      try line.encode(Event.began, forKey: .event)
      try line.encode(resource, forKey: .resource)
      try line.encode(change, forKey: .change)
      try line.encode(reason, forKey: .reason)
    case .ended(let outcome):
      try line.encode(Event.ended, forKey: .event)
      try line.encode(outcome, forKey: .outcome)
    case .held(let resource, let reason):
      try line.encode(Event.held, forKey: .event)
      try line.encode(resource, forKey: .resource)
      try line.encode(reason, forKey: .reason)
    case .system(let system):
      try line.encode(Event.system, forKey: .event)
      try line.encode(system, forKey: .system)
    case .result(let result):
      try line.encode(Event.result, forKey: .event)
      try line.encode(result, forKey: .result)
    }
  }
}
