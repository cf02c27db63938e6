public import PhoenixCore

/// How reading the files again went, as JSON shows it.
public struct ReloadReport: Hashable, Sendable, Codable {
  /// Whether the files can be used; when not, the old ones stay in force.
  public let isAccepted: Bool
  /// Whether they are in force already; else they will be when the actions under way have ended.
  public var isInForce: Bool
  /// The digest of what the files say.
  public let digest: String
  /// What is wrong with them.
  public let findings: [FindingReport]

  enum CodingKeys: String, CodingKey {
    case digest, findings
    case isAccepted = "accepted"
    case isInForce = "in_force"
  }

  /// Creates a report.
  ///
  /// - Parameters:
  ///   - isAccepted: Whether the files can be used.
  ///   - isInForce: Whether they are in force already.
  ///   - digest: The digest of what the files say.
  ///   - findings: What is wrong with them.
  public init(isAccepted: Bool, isInForce: Bool, digest: String, findings: [Finding]) {
    self.isAccepted = isAccepted
    self.isInForce = isInForce
    self.digest = digest
    self.findings = findings.map { FindingReport($0) }
  }
}
