import Glibc
public import PhoenixCore

/// What went wrong with a file.
public enum FileError: Error, Hashable, Sendable {
  /// It does not exist.
  case missing(path: String)
  /// The disk, the quota or the user's share of it is full: make room, then try again.
  case full(path: String)
  /// It is longer than it may be, in bytes.
  case tooLarge(path: String, limit: Int)
  /// It is not what it should be: a symbolic link, a directory, somebody else's.
  case unsuitable(path: String, reason: String)
  /// Anything else that the system said.
  case system(operation: String, path: String, code: Int32)

  /// Makes an error of an operation's errno.
  static func from(_ operation: String, _ path: String, code: Int32) -> FileError {
    switch code {
    case ENOENT: .missing(path: path)
    case ENOSPC, EDQUOT: .full(path: path)
    default: .system(operation: operation, path: path, code: code)
    }
  }

  /// Whether room on the disk is what is missing.
  public var isFull: Bool {
    if case .full = self { true } else { false }
  }

  /// Told for people.
  ///
  /// - Parameter doing: What the file was needed for.
  /// - Returns: A transient failure when trying again can help.
  public func failure(doing: String) -> Failure {
    switch self {
    case .missing(let path):
      Failure(.permanent, doing: doing, got: "\(path) does not exist")
    case .full(let path):
      Failure(
        .transient, doing: doing, got: "no space left for \(path)",
        hint: "make room: df -h and df -i show where")
    case .tooLarge(let path, let limit):
      Failure(.permanent, doing: doing, expected: "at most \(limit) bytes", got: "\(path) is longer")
    case .unsuitable(let path, let reason):
      Failure(.permanent, doing: doing, got: "\(path) \(reason)")
    case .system(let operation, let path, let code):
      Failure(
        code == EIO || code == EINTR || code == EMFILE || code == ENFILE ? .transient : .permanent,
        doing: doing, got: "\(operation) of \(path): \(ErrorText.of(code))")
    }
  }
}
