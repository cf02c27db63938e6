/// Text that must never be shown. It prints as `[redacted]` however it is printed, and is not Codable.
public struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  private let text: String

  /// Wraps a secret.
  public init(_ text: String) { self.text = text }

  /// Hands the secret to the one call that needs it. Never store what it is given.
  public func reveal<Result, Thrown: Error>(
    _ use: (String) throws(Thrown) -> Result
  ) throws(Thrown) -> Result { try use(text) }

  /// `[redacted]`.
  public var description: String { "[redacted]" }
  /// `[redacted]`.
  public var debugDescription: String { "[redacted]" }
  /// No children: a dump shows nothing.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
