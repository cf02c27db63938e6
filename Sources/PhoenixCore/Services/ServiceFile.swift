/// A file of ours for a service in a guest, such as a server's configuration. It holds nothing secret.
public struct ServiceFile: Hashable, Sendable, Codable {
  /// Where it lies.
  public var path: String
  /// Its owner.
  public var owner: FileOwner
  /// Its permissions.
  public var mode: FileMode
  /// What it holds.
  public var text: String

  /// Creates a file.
  public init(_ path: String, owner: FileOwner = .root, mode: FileMode = FileMode(bits: 0o644), text: String)
  {
    self.path = path
    self.owner = owner
    self.mode = mode
    self.text = text
  }

  /// SHA-256 of what it holds, in hexadecimal.
  public var sha256: String { SHA256.hexDigest(of: Array(text.utf8)) }
}
