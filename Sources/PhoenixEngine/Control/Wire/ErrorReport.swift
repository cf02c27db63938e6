public import PhoenixCore

/// Why a request was not carried out, as JSON shows it.
public struct ErrorReport: Hashable, Sendable, Codable, CustomStringConvertible {
  /// What was being done.
  public let doing: String
  /// What was expected.
  public let expected: String?
  /// What came instead.
  public let got: String
  /// What to do.
  public let hint: String?
  /// What is wrong with the files, when it is that.
  public let findings: [FindingReport]?

  /// Creates a report.
  public init(
    doing: String, expected: String? = nil, got: String, hint: String? = nil, findings: [Finding]? = nil
  ) {
    self.doing = doing
    self.expected = expected
    self.got = got
    self.hint = hint
    self.findings = findings.map { $0.map { FindingReport($0) } }
  }

  /// Makes the report of a failure.
  public init(_ failure: Failure) {
    self.init(doing: failure.doing, expected: failure.expected, got: failure.got, hint: failure.hint)
  }

  /// One line: doing, expected, got, hint.
  public var description: String {
    Failure(.permanent, doing: doing, expected: expected, got: got, hint: hint).description
  }
}
