import Dispatch
import PhoenixCore
import PhoenixHost
import Testing

@Suite struct JournalWriterTests {
  /// A journal that takes nothing until it is opened.
  private final class Gate: Sendable {
    private let closed: DispatchSemaphore
    private let lines = Lock<[JournalEvent]>([])

    init(open: Bool = false) { closed = DispatchSemaphore(value: open ? 1 : 0) }

    var sink: JournalSink {
      JournalSink { event in
        self.closed.wait()
        self.closed.signal()
        self.lines.withLock { $0.append(event) }
      }
    }

    func open() { closed.signal() }
    var written: [JournalEvent] { lines.withLock { $0 } }
  }

  @Test func linesComeInOrder() async {
    let gate = Gate(open: true)
    let writer = JournalWriter(sink: gate.sink)
    for number in 0..<1000 { writer.log(.info, "\(number)") }
    #expect(await writer.flush(within: .seconds(30)))
    #expect(gate.written.map(\.message) == (0..<1000).map { "\($0)" })
    #expect(writer.dropped == 0)
  }

  @Test func aBlockedJournalNeverBlocksTheCallerAndDropsAreCounted() async throws {
    let gate = Gate()
    let writer = JournalWriter(sink: gate.sink, capacity: 100)
    for number in 0..<10_000 { writer.log(.info, "\(number)") }
    #expect(await !writer.flush(within: .milliseconds(50)))
    // What the sink holds in its hands and what waits: never more than two buffers.
    #expect(writer.dropped >= 10_000 - 200)
    gate.open()
    #expect(await writer.flush(within: .seconds(30)))
    let reports = gate.written.filter { $0.id == .linesDropped }
    let reported = reports.compactMap { $0.fields[.dropped] }.compactMap { Int($0) }.reduce(0, +)
    #expect(reported == writer.dropped)
    #expect(gate.written.count - reports.count == 10_000 - writer.dropped)
    writer.log(.info, "after")
    #expect(await writer.flush(within: .seconds(30)))
    #expect(gate.written.last?.message == "after")
  }

  @Test func whatIsLessUrgentThanTheThresholdIsLeftOut() async {
    let gate = Gate(open: true)
    let writer = JournalWriter(sink: gate.sink, threshold: .notice)
    for priority in JournalPriority.allCases { writer.log(priority, priority.word) }
    #expect(await writer.flush(within: .seconds(30)))
    #expect(
      gate.written.map(\.message) == ["emergency", "alert", "critical", "error", "warning", "notice"])
  }

  @Test func linesOfManyThreadsAllArrive() async {
    let gate = Gate(open: true)
    let writer = JournalWriter(sink: gate.sink, capacity: 100_000)
    await withTaskGroup(of: Void.self) { group in
      for task in 0..<8 {
        group.addTask { for line in 0..<500 { writer.log(.info, "\(task) \(line)") } }
      }
    }
    #expect(await writer.flush(within: .seconds(30)))
    #expect(Set(gate.written.map(\.message)).count == 4000)
  }

  @Test func withoutAJournalTextGoesToStandardError() async throws {
    let result = try await Probe.run(["stderr"])
    #expect(String(decoding: result.stderr, as: UTF8.self) == "notice: two lines system=proxmox\n")
  }
}
