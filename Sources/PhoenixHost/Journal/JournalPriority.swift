/// How urgent a line is, with syslog's numbers.
public enum JournalPriority: Int, Sendable, Hashable, Comparable, CaseIterable {
  case emergency = 0
  case alert = 1
  case critical = 2
  case error = 3
  case warning = 4
  case notice = 5
  case info = 6
  case debug = 7

  /// By urgency: the less urgent is the greater, as syslog numbers them.
  public static func < (left: JournalPriority, right: JournalPriority) -> Bool {
    left.rawValue < right.rawValue
  }

  /// The word for it in text lines.
  public var word: String {
    switch self {
    case .emergency: "emergency"
    case .alert: "alert"
    case .critical: "critical"
    case .error: "error"
    case .warning: "warning"
    case .notice: "notice"
    case .info: "info"
    case .debug: "debug"
    }
  }
}
