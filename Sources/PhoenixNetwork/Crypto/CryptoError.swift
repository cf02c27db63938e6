/// Why something with keys or certificates did not work. It holds no secret.
public struct CryptoError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What was being done: `read a certificate`.
  public let doing: String
  /// What was wrong, in our words or libssl's.
  public let got: String

  /// Creates an error.
  public init(_ doing: String, _ got: String) {
    self.doing = doing
    self.got = got
  }

  /// `doing: got`.
  public var description: String { "\(doing): \(got)" }
}
