import Glibc
import PhoenixCore
import PhoenixHost

/// Writes to a journald of its own and reads back what it wrote.
enum JournalTalk {
  static func run(journald: Int32) async throws {
    let history = JournalHistory(field: "SYSLOG_IDENTIFIER", value: "host-probe")
    let writer = JournalWriter(sink: .native(identifier: "host-probe"), capacity: 100)
    let fields: [JournalField: String] = [
      .resource: "proxmox/firewall/1001", .reason: "two\nlines = one field",
    ]
    writer.log(.warning, "2375 is open\nat 1001", id: .driftFound, fields: fields)
    writer.log(.info, "something else")
    _ = await writer.flush()
    let found = try await waitFor { try history.entries(matching: [.resource: "proxmox/firewall/1001"]) }
    for entry in found {
      let exact = entry.message == "2375 is open\nat 1001" && entry.fields == fields
      HostProbe.say(
        "\(entry.priority.word) \(entry.id.map { "\($0)" } ?? "-") \(exact ? "exact" : "\(entry)")")
    }
    HostProbe.say("all \(try await waitFor(2) { try history.entries() }.count)")
    HostProbe.say("limited \(try history.entries(limit: 1).map(\.message))")
    let later = HostClock.system.wall() + .seconds(3600)
    HostProbe.say("later \(try history.entries(since: later).count)")

    kill(journald, SIGSTOP)
    for number in 0..<5000 { writer.log(.info, "line \(number)") }
    HostProbe.say("flushed while stopped: \(await writer.flush(within: .milliseconds(300)))")
    HostProbe.say("dropped: \(writer.dropped > 0)")
    kill(journald, SIGCONT)
    HostProbe.say("flushed later: \(await writer.flush(within: .seconds(20)))")
    for _ in 0..<40 where try reported(history) != writer.dropped {
      try await Task.sleep(for: .milliseconds(250))
    }
    let (told, dropped) = (try reported(history), writer.dropped)
    HostProbe.say("all drops reported: \(told == dropped ? "true" : "\(told) of \(dropped)")")
  }

  /// The sum of what the lines about dropped lines say.
  private static func reported(_ history: JournalHistory) throws -> Int {
    try history.entries(limit: 100_000).filter { $0.id == .linesDropped }
      .compactMap { $0.fields[.dropped] }.compactMap { Int($0) }.reduce(0, +)
  }

  /// journald takes its time to put a line into its file.
  private static func waitFor(
    _ count: Int = 1, _ read: () throws -> [JournalHistory.Entry]
  ) async throws -> [JournalHistory.Entry] {
    for _ in 0..<500 {
      let entries = try? read()
      if let entries, entries.count >= count { return entries }
      try await Task.sleep(for: .milliseconds(10))
    }
    return try read()
  }
}
