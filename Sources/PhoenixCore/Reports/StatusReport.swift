/// How a resource stands, as JSON shows it.
public struct ResourceReport: Hashable, Sendable, Codable {
  /// The resource.
  public let resource: ResourceID
  /// How it stands.
  public let state: ResourceStatus.State
  /// Since when, such as 2026-11-23T04:05:06Z.
  public let since: String
  /// Why, in words.
  public let detail: String?

  /// Makes the report of a resource.
  public init(_ status: ResourceStatus) {
    resource = status.resource
    state = status.state
    since = status.since.utcText
    detail = status.detail
  }

  /// Encodes every key, those without a value as null.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(resource, forKey: .resource)
    try container.encode(state, forKey: .state)
    try container.encode(since, forKey: .since)
    try container.encode(detail, forKey: .detail)
  }
}

/// What is, against what should be, as JSON shows it.
public struct StatusReport: Hashable, Sendable, Codable {
  /// How readable each system was at its last look.
  public let systems: [SystemReport]
  /// How every resource stood after the last run, by name.
  public let resources: [ResourceReport]
  /// When the next look is due, such as 2026-11-23T04:05:06Z; nil while a run is under way.
  public let nextPass: String?
  /// Whether everything is left alone.
  public let isPaused: Bool
  /// The resources that are acted on now.
  public let active: [ResourceID]
  /// What is wrong with the files and the resources.
  public let findings: [FindingReport]

  enum CodingKeys: String, CodingKey {
    case systems, resources, active, findings
    case nextPass = "next_pass"
    case isPaused = "paused"
  }

  /// Makes a report.
  ///
  /// - Parameters:
  ///   - systems: How readable each system was.
  ///   - resources: How every resource stood.
  ///   - nextPass: When the next look is due; nil while a run is under way.
  ///   - isPaused: Whether everything is left alone.
  ///   - active: The resources that are acted on now.
  ///   - findings: What is wrong with the files and the resources.
  public init(
    systems: [SystemName: SystemHealth], resources: [ResourceStatus], nextPass: WallTime?,
    isPaused: Bool = false, active: [ResourceID] = [], findings: [Finding] = []
  ) {
    self.systems = SystemReport.list(systems)
    self.resources = resources.map { ResourceReport($0) }
    self.nextPass = nextPass?.utcText
    self.isPaused = isPaused
    self.active = active
    self.findings = findings.map { FindingReport($0) }
  }

  private init(_ whole: StatusReport, only targets: [Target]) {
    let isMeant = { (id: ResourceID) in targets.contains { $0.matches(id) } }
    resources = whole.resources.filter { isMeant($0.resource) }
    let named = Set(resources.map(\.resource.system) + targets.compactMap(\.system))
    systems = whole.systems.filter { named.contains($0.system) }
    nextPass = whole.nextPass
    isPaused = whole.isPaused
    active = whole.active.filter(isMeant)
    findings = whole.findings.filter { $0.resource.map(isMeant) ?? false }
  }

  /// What of it is about some targets; all of it for none.
  public func about(_ targets: [Target]) -> StatusReport {
    targets.isEmpty ? self : StatusReport(self, only: targets)
  }

  /// Encodes every key, those without a value as null.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(systems, forKey: .systems)
    try container.encode(resources, forKey: .resources)
    try container.encode(nextPass, forKey: .nextPass)
    try container.encode(isPaused, forKey: .isPaused)
    try container.encode(active, forKey: .active)
    try container.encode(findings, forKey: .findings)
  }
}
