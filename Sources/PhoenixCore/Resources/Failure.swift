/// Why something that was tried did not work, told so that a person can act on it.
public struct Failure: Error, Hashable, Sendable, Codable, CustomStringConvertible {
  /// Whether trying again can help.
  public enum Persistence: String, Hashable, Sendable, Codable {
    /// A time-out, a refused connection, a 5xx: tried again with backoff; counts for the endpoint's circuit.
    case transient
    /// Somebody else changed it meanwhile: read again and plan again. A plan that comes out the same waits as after a
    /// transient failure: some refusals only look like this.
    case conflict
    /// A 400, a wrong password: held until the desired or the observed state changes, or `recheck` has passed.
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
  /// When a permanent failure is tried again although nothing has changed; an hour unless told.
  public let recheck: Duration
  /// The endpoint that failed, whose circuit counts it; nil when it is the resource's own trouble.
  public let endpoint: String?

  /// Creates the account of a failure.
  public init(
    _ persistence: Persistence, doing: String, expected: String? = nil, got: String, hint: String? = nil,
    recheck: Duration = .seconds(3600), endpoint: String? = nil
  ) {
    self.persistence = persistence
    self.doing = doing
    self.expected = expected
    self.got = got
    self.hint = hint
    self.recheck = recheck
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
