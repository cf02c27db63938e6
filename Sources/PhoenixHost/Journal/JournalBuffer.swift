/// The lines that wait for the journal: bounded, in order, counting what did not fit.
struct JournalBuffer: Sendable {
  private let capacity: Int
  private var waiting: [JournalEvent] = []
  /// Lines that did not fit since the last that did.
  private var unreported = 0
  /// All lines that ever did not fit.
  private(set) var dropped = 0

  init(capacity: Int) {
    self.capacity = max(1, capacity)
  }

  var isEmpty: Bool { waiting.isEmpty && unreported == 0 }

  mutating func append(_ event: JournalEvent) {
    guard waiting.count < capacity else {
      dropped += 1
      unreported += 1
      return
    }
    waiting.append(event)
  }

  /// Everything to write now, with a line about what was dropped last: it was dropped after what waited.
  mutating func takeAll() -> [JournalEvent] {
    var events = waiting
    waiting.removeAll(keepingCapacity: true)
    if unreported > 0 {
      events.append(
        JournalEvent(
          .warning, "\(unreported) log lines were dropped: the journal did not take them in time",
          id: .linesDropped, fields: [.dropped: String(unreported)]))
      unreported = 0
    }
    return events
  }
}
