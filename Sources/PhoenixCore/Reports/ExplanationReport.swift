/// Why a resource stands as it does, as JSON shows it.
public struct ExplanationReport: Hashable, Sendable, Codable {
  /// What a resource requires.
  public struct Requirement: Hashable, Sendable, Codable {
    /// Whether it may go ahead.
    public enum State: String, Hashable, Sendable, Codable {
      case ready
      case notReady = "not_ready"
      case unreadable
    }

    /// The required resource.
    public let resource: ResourceID
    /// What its system says of it.
    public let state: State
    /// Why it is not ready.
    public let reason: String?
  }

  /// What went wrong the last time.
  public struct Trouble: Hashable, Sendable, Codable {
    /// The account of it.
    public let reason: String
    /// Whether trying the same again is pointless.
    public let isPermanent: Bool
    /// Failures in a row.
    public let attempts: Int
    /// When it was, such as 2026-11-23T04:05:06Z.
    public let since: String
    /// When it is tried again.
    public let nextTry: String

    enum CodingKeys: String, CodingKey {
      case reason, attempts, since
      case isPermanent = "permanent"
      case nextTry = "next_try"
    }
  }

  /// How it stands.
  public let status: ResourceReport
  /// Where it is declared, `file:line:column`; nil when it is not.
  public let declaredAt: String?
  /// What it requires.
  public let requires: [Requirement]
  /// What requires it.
  public let neededBy: [ResourceID]
  /// What differs, with why it is held, as of the last look.
  public let change: ChangeReport?
  /// What went wrong the last time.
  public let trouble: Trouble?
  /// The identity on record of what holds data.
  public let identity: String?
  /// How readable its system was; nil when it was not looked at yet.
  public let system: SystemReport?
  /// What should be known about it.
  public let findings: [FindingReport]

  enum CodingKeys: String, CodingKey {
    case status, requires, change, trouble, identity, system, findings
    case declaredAt = "declared_at"
    case neededBy = "needed_by"
  }

  /// Makes a report.
  ///
  /// - Parameters:
  ///   - status: How the resource stands.
  ///   - explanation: What is known of it.
  ///   - findings: All findings; those about others are left out.
  public init(_ status: ResourceStatus, _ explanation: Explanation, findings: [Finding]) {
    self.status = ResourceReport(status)
    declaredAt = explanation.declared?.location?.description
    requires = explanation.requires.sorted { $0.key < $1.key }.map { resource, readiness in
      switch readiness {
      case .ready: Requirement(resource: resource, state: .ready, reason: nil)
      case .notReady(let reason): Requirement(resource: resource, state: .notReady, reason: reason)
      case .unreadable(let reason): Requirement(resource: resource, state: .unreadable, reason: reason)
      }
    }
    neededBy = explanation.neededBy
    change = explanation.change.map { ChangeReport($0, held: explanation.held?.reason) }
    trouble = explanation.trouble.map { trouble in
      Trouble(
        reason: trouble.reason, isPermanent: trouble.isPermanent, attempts: trouble.attempts,
        since: trouble.since.utcText, nextTry: (trouble.since + trouble.delay).utcText)
    }
    identity = explanation.identity
    system = explanation.health.map { SystemReport(status.resource.system, $0) }
    self.findings = findings.filter { $0.resource == status.resource }.map { FindingReport($0) }
  }
}
