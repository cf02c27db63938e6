/// A path to look at on a guest.
public struct FileQuery: Hashable, Sendable {
  /// Where. A symbolic link at its end is looked at itself, not followed.
  public let path: String
  /// How many bytes of a regular file to bring along: 0 for what is secret or large.
  public let contentLimit: Int

  /// Creates a question.
  public init(_ path: String, contentLimit: Int = 0) {
    self.path = path
    self.contentLimit = contentLimit
  }
}

/// What stands at a path on a guest.
public struct ObservedFile: Hashable, Sendable, Codable {
  /// What sort of thing it is.
  public enum Kind: Hashable, Sendable, Codable {
    case file
    case directory
    case symbolicLink(target: String)
    /// A device, a socket, a pipe.
    case other
  }

  /// What sort of thing it is.
  public let kind: Kind
  /// Its permissions, such as 0o600.
  public let mode: UInt32
  /// Its owner's number.
  public let uid: UInt32
  /// Its group's number.
  public let gid: UInt32
  /// `user:group` by name.
  public let owner: String
  /// In bytes.
  public let size: Int
  /// When its content was last written, in seconds since 1970.
  public let modified: Int64
  /// SHA-256 of a regular file's content, 64 hexadecimal digits; nil over 64 MiB.
  public let sha256: String?
  /// A regular file's first bytes, as many as were asked for; nil when none were.
  public let content: [UInt8]?

  /// Creates an observation.
  public init(
    kind: Kind, mode: UInt32, uid: UInt32, gid: UInt32, owner: String, size: Int, modified: Int64,
    sha256: String? = nil, content: [UInt8]? = nil
  ) {
    self.kind = kind
    self.mode = mode
    self.uid = uid
    self.gid = gid
    self.owner = owner
    self.size = size
    self.modified = modified
    self.sha256 = sha256
    self.content = content
  }
}
