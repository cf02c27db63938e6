public import PhoenixCore

/// One header line of a request.
public struct HTTPHeader: Sendable, Hashable {
  /// What stands behind the colon.
  public enum Value: Sendable, Hashable {
    /// Anybody may see it.
    case plain(String)
    /// A token or password: never in a log, an error or a dump.
    case secret(Secret)
  }

  /// The name, in any case.
  public let name: String
  /// The value.
  public let value: Value

  /// Creates a header that anybody may see.
  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = .plain(value)
  }

  /// Creates a header whose value is a secret, such as an API token.
  public init(_ name: String, secret: Secret) {
    self.name = name
    self.value = .secret(secret)
  }
}
