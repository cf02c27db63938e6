/// One line for the journal.
public struct JournalEvent: Sendable, Hashable {
  /// How urgent it is.
  public let priority: JournalPriority
  /// The text for people.
  public let message: String
  /// Which kind of event it is; the catalog explains each.
  public let id: MessageID?
  /// What machines read.
  public let fields: [JournalField: String]

  /// Creates an event.
  public init(
    _ priority: JournalPriority, _ message: String, id: MessageID? = nil, fields: [JournalField: String] = [:]
  ) {
    self.priority = priority
    self.message = message
    self.id = id
    self.fields = fields
  }

  /// The event in journald's form: `NAME=value` in bytes, where values may hold line ends.
  ///
  /// - Parameter identifier: What `journalctl -t` selects by.
  /// - Returns: One element a field.
  public func encoded(identifier: String) -> [[UInt8]] {
    var lines = [
      Self.line("PRIORITY", String(priority.rawValue)), Self.line("SYSLOG_IDENTIFIER", identifier),
      Self.line("MESSAGE", message),
    ]
    if let id { lines.append(Self.line("MESSAGE_ID", id.uuid)) }
    for (field, value) in fields.sorted(by: { $0.key < $1.key }) {
      lines.append(Self.line(field.name, value))
    }
    return lines
  }

  /// The event as one line of text, for a terminal: what would break the line or the terminal is replaced.
  public var text: String {
    var text = "\(priority.word): \(message)"
    for (field, value) in fields.sorted(by: { $0.key < $1.key }) {
      text += " \(field.name.dropFirst("PHOENIX_".count).lowercased())=\(value)"
    }
    let scalars = text.unicodeScalars.map { scalar -> Unicode.Scalar in
      switch scalar.properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator: " "
      default: scalar
      }
    }
    return String(String.UnicodeScalarView(scalars)) + "\n"
  }

  private static func line(_ name: String, _ value: String) -> [UInt8] { Array("\(name)=\(value)".utf8) }
}
