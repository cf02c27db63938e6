import CSystemd
import Glibc
public import PhoenixCore

/// What the journal holds of earlier events.
///
/// Reading blocks on files: call it on a queue of its own. Readers are root and the groups adm and
/// systemd-journal.
public struct JournalHistory: Sendable {
  /// One line as it was written.
  public struct Entry: Sendable, Hashable {
    /// When journald received it.
    public let time: WallTime
    /// How urgent it is.
    public let priority: JournalPriority
    /// The text for people.
    public let message: String
    /// Which kind of event it is; nil for one of another version of Phoenix.
    public let id: MessageID?
    /// The fields of ours.
    public let fields: [JournalField: String]
  }

  private let field: String
  private let value: String

  /// The history of one origin. A field that begins with an underscore is journald's own word, which no other
  /// process can forge.
  ///
  /// - Parameters:
  ///   - field: Such as `_SYSTEMD_UNIT`.
  ///   - value: Such as `phoenixd.service`.
  public init(field: String = "_SYSTEMD_UNIT", value: String = "phoenixd.service") {
    self.field = field
    self.value = value
  }

  /// Reads the newest lines.
  ///
  /// - Parameters:
  ///   - since: Nothing before this moment; nil for no bound.
  ///   - matching: Fields that must have exactly these values.
  ///   - limit: At most so many.
  /// - Returns: The lines, the oldest first.
  /// - Throws: A permanent failure when the journal cannot be read.
  public func entries(
    since: WallTime? = nil, matching: [JournalField: String] = [:], limit: Int = 1000
  ) throws(Failure) -> [Entry] {
    let journal = try Journal()
    try journal.match("\(field)=\(value)")
    for (field, value) in matching { try journal.match("\(field.name)=\(value)") }
    try journal.seekToEnd()
    var entries: [Entry] = []
    while entries.count < limit, try journal.stepBack() {
      let time = try journal.time()
      if let since, time < since { break }
      entries.append(Self.entry(try journal.data(), at: time))
    }
    return entries.reversed()
  }

  private static func entry(_ data: [String: String], at time: WallTime) -> Entry {
    let own = data.filter { $0.key.hasPrefix("PHOENIX_") }
    return Entry(
      time: time,
      priority: data["PRIORITY"].flatMap { Int($0) }.flatMap { JournalPriority(rawValue: $0) } ?? .info,
      message: data["MESSAGE"] ?? "", id: data["MESSAGE_ID"].flatMap { MessageID(rawValue: $0) },
      fields: Dictionary(own.map { (JournalField($0.key), $0.value) }) { first, _ in first })
  }
}

/// libsystemd's journal reader, closed when it goes out of scope.
private struct Journal: ~Copyable {
  private let journal: OpaquePointer

  init() throws(Failure) {
    var journal: OpaquePointer?
    let code = sd_journal_open(&journal, Int32(SD_JOURNAL_LOCAL_ONLY))
    guard code >= 0, let journal else { throw Self.failure(got: ErrorText.of(-code)) }
    let files = max(sd_journal_has_persistent_files(journal), sd_journal_has_runtime_files(journal))
    guard files > 0 else {
      sd_journal_close(journal)
      throw Self.failure(got: "no journal file can be read")
    }
    self.journal = journal
  }

  deinit { sd_journal_close(journal) }

  func match(_ text: String) throws(Failure) {
    let bytes = Array(text.utf8)
    try check(sd_journal_add_match(journal, bytes, bytes.count))
  }

  func seekToEnd() throws(Failure) { try check(sd_journal_seek_tail(journal)) }

  /// Goes to the line before; false when there is none.
  func stepBack() throws(Failure) -> Bool {
    let moved = sd_journal_previous(journal)
    try check(moved)
    return moved > 0
  }

  func time() throws(Failure) -> WallTime {
    var microseconds: UInt64 = 0
    try check(sd_journal_get_realtime_usec(journal, &microseconds))
    return WallTime(milliseconds: Int64(microseconds / 1000))
  }

  /// All fields of the line; of one that comes twice, the first.
  func data() throws(Failure) -> [String: String] {
    sd_journal_restart_data(journal)
    var fields: [String: String] = [:]
    while true {
      var data: UnsafeRawPointer?
      var length = 0
      let more = sd_journal_enumerate_data(journal, &data, &length)
      try check(more)
      guard more > 0, let data else { return fields }
      let bytes = UnsafeRawBufferPointer(start: data, count: length)
      guard let equals = bytes.firstIndex(of: 0x3D) else { continue }
      let name = String(decoding: bytes[..<equals], as: UTF8.self)
      if fields[name] == nil { fields[name] = String(decoding: bytes[(equals + 1)...], as: UTF8.self) }
    }
  }

  private func check(_ code: Int32) throws(Failure) {
    guard code >= 0 else { throw Self.failure(got: ErrorText.of(-code)) }
  }

  private static func failure(got: String) -> Failure {
    Failure(
      .permanent, doing: "read the journal", got: got,
      hint: "run as root, or as a member of the group systemd-journal")
  }
}
