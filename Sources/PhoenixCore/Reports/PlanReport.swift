/// A plan, as JSON shows it.
public struct PlanReport: Hashable, Sendable, Codable {
  /// The digest of what is to be done; a saved plan applies only to the same one.
  public let digest: String
  /// What is to be done, in an order in which it may be done, then what is held.
  public let changes: [ChangeReport]
  /// What the operator should know.
  public let findings: [FindingReport]
  /// How readable each system was.
  public let systems: [SystemReport]

  /// Makes the report of a plan.
  public init(_ plan: Plan) {
    digest = plan.digest
    changes =
      plan.actions.map { ChangeReport($0.change, after: $0.after) }
      + plan.held.map { ChangeReport($0.change, held: $0.reason) }
    findings = plan.findings.map { FindingReport($0) }
    systems = SystemReport.list(plan.systems)
  }

  private init(_ plan: PlanReport, changes: [ChangeReport]) {
    digest = plan.digest
    self.changes = changes
    findings = plan.findings
    systems = plan.systems
  }

  /// The plan with a change in front that is not wanted yet; as it is when it has one of that resource.
  public func withUnplanned(_ change: Change) -> PlanReport {
    changes.contains { $0.resource == change.resource }
      ? self : PlanReport(self, changes: [ChangeReport(change)] + changes)
  }
}
