/// Why something that was tried did not work, told so that a person can act on it.
public struct Failure: Error, Hashable, Sendable, Codable, CustomStringConvertible {
  /// Whether trying again can help.
  public enum Persistence: String, Hashable, Sendable, Codable {
    /// A time-out, a refused connection, a 5xx: tried again with backoff; counts for the endpoint's circuit.
    case transient
    /// Somebody else changed it meanwhile: read again and plan again, at once.
    case conflict
    /// A 400, a wrong password: held until the desired or the observed state changes.
    case permanent
  }

  /// Whether trying again can help.
  public let persistence: Persistence
  /// What was being done: `remove rule 3 of proxmox/firewall/1001`.
  public let doing: String
  /// What was expected, where that is not plain.
  public let expected: String?
  /// What came instead: the status, the message, the error.
  public let got: String
  /// What the operator can do.
  public let hint: String?
  /// The endpoint that failed, whose circuit counts it; nil when it is the resource's own trouble.
  public let endpoint: String?

  /// Creates the account of a failure.
  public init(
    _ persistence: Persistence, doing: String, expected: String? = nil, got: String, hint: String? = nil,
    endpoint: String? = nil
  ) {
    self.persistence = persistence
    self.doing = doing
    self.expected = expected
    self.got = got
    self.hint = hint
    self.endpoint = endpoint
  }

  /// One line: doing, expected, got, hint.
  public var description: String {
    var text = "\(doing): \(got)"
    if let expected { text += " (expected \(expected))" }
    if let hint { text += "; \(hint)" }
    return text
  }
}
