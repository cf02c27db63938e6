/// A place in one of the users' files.
public struct Location: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
  /// The file, relative to the configuration directory.
  public let file: String
  /// From 1.
  public let line: Int
  /// From 1, in characters (Unicode scalars).
  public let column: Int

  /// Creates a place.
  public init(file: String, line: Int, column: Int) {
    self.file = file
    self.line = line
    self.column = column
  }

  /// `file:line:column`.
  public var description: String { "\(file):\(line):\(column)" }

  /// By file, line, column.
  public static func < (left: Location, right: Location) -> Bool {
    (left.file, left.line, left.column) < (right.file, right.line, right.column)
  }
}

/// Something the operator should know about the files or about a resource.
public struct Finding: Hashable, Sendable {
  /// How bad it is.
  public enum Severity: String, Hashable, Sendable, Codable, Comparable {
    case note, warning, error

    /// By badness.
    public static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }
    private var rank: Int {
      switch self {
      case .note: 0
      case .warning: 1
      case .error: 2
      }
    }
  }

  /// How bad it is. An error keeps a configuration from being used.
  public let severity: Severity
  /// Where it stands in the files, when it does.
  public let location: Location?
  /// The resource it concerns, when it is one.
  public let resource: ResourceID?
  /// What is so.
  public let message: String
  /// What to do.
  public let hint: String?

  /// Creates a finding.
  public init(
    _ severity: Severity, at location: Location? = nil, resource: ResourceID? = nil, _ message: String,
    hint: String? = nil
  ) {
    self.severity = severity
    self.location = location
    self.resource = resource
    self.message = message
    self.hint = hint
  }
}
