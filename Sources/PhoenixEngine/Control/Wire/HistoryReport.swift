import PhoenixCore
public import PhoenixHost

/// What happened, as JSON shows it.
public struct HistoryReport: Hashable, Sendable, Codable {
  /// One line of the journal.
  public struct Entry: Hashable, Sendable, Codable {
    /// When, such as 2026-11-23T04:05:06Z.
    public let time: String
    /// How urgent it was, in a word.
    public let priority: String
    /// The text for people.
    public let message: String
    /// What it is about, such as PHOENIX_RESOURCE, in small letters without the prefix.
    public let fields: [String: String]
  }

  /// The lines, the oldest first.
  public let entries: [Entry]

  /// Makes the report of lines.
  public init(_ entries: [JournalHistory.Entry]) {
    self.entries = entries.map { entry in
      Entry(
        time: entry.time.utcText, priority: entry.priority.word, message: entry.message,
        fields: Dictionary(
          entry.fields.map { ($0.key.name.dropFirst("PHOENIX_".count).lowercased(), $0.value) },
          uniquingKeysWith: { first, _ in first }))
    }
  }
}
