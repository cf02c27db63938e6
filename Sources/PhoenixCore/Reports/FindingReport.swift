/// A finding, as JSON shows it.
public struct FindingReport: Hashable, Sendable, Codable {
  /// How bad it is.
  public let severity: Finding.Severity
  /// The file, relative to the configuration directory.
  public let file: String?
  /// From 1.
  public let line: Int?
  /// From 1.
  public let column: Int?
  /// The resource it concerns.
  public let resource: ResourceID?
  /// What is so.
  public let message: String
  /// What to do.
  public let hint: String?

  /// Makes the report of a finding.
  public init(_ finding: Finding) {
    severity = finding.severity
    file = finding.location?.file
    line = finding.location?.line
    column = finding.location?.column
    resource = finding.resource
    message = finding.message
    hint = finding.hint
  }

  /// The finding it was made of.
  public var finding: Finding {
    let location = file.map { Location(file: $0, line: line ?? 1, column: column ?? 1) }
    return Finding(severity, at: location, resource: resource, message, hint: hint)
  }

  /// Encodes every key, those without a value as null.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(severity, forKey: .severity)
    try container.encode(file, forKey: .file)
    try container.encode(line, forKey: .line)
    try container.encode(column, forKey: .column)
    try container.encode(resource, forKey: .resource)
    try container.encode(message, forKey: .message)
    try container.encode(hint, forKey: .hint)
  }
}

/// What `phoenix validate` found, as JSON shows it.
public struct FindingsReport: Hashable, Sendable, Codable {
  /// The findings, in the order in which they are to be read.
  public let findings: [FindingReport]

  /// Makes the report of findings.
  public init(_ findings: [Finding]) { self.findings = findings.map { FindingReport($0) } }
}
