/// Which certificates fresh connections to a server are shown.
public struct ServedLeaves: Codable, Equatable, Sendable {
  /// SHA-256 of the leaves, each once; none when no certificate was seen.
  public var fingerprints: [String]
  /// Why there was no certificate, when there was none.
  public var trouble: String?

  /// Creates what was shown.
  public init(fingerprints: [String], trouble: String? = nil) {
    self.fingerprints = fingerprints
    self.trouble = trouble
  }
}
