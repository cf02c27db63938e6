import Glibc
import PhoenixCore
import PhoenixHost
import Testing

@Suite struct StateStoreTests {
  private struct Record: Codable, Equatable {
    var number: Int
    var filler = ""
  }

  private let directory: TemporaryDirectory
  private var path: String { directory.file("state") }

  init() throws { directory = try TemporaryDirectory() }

  private func store(
    schema: Int = 1, counter: WriteCounter? = nil, in path: String? = nil
  ) -> StateStore<Record> {
    StateStore(path: path ?? self.path, schema: schema, counter: counter)
  }

  /// The number of the record that a new store reads, with a word for where it came from.
  private func loaded(schema: Int = 1) -> String {
    var store = store(schema: schema)
    return switch store.load() {
    case .current(let record): "current \(record.number)"
    case .previous(let record, _): "previous \(record.number)"
    case .none: "none"
    case .unusable: "unusable"
    case .unreadable: "unreadable"
    }
  }

  private func saveTwo() throws {
    var store = store()
    try store.save(Record(number: 1))
    try store.save(Record(number: 2, filler: "ü\n\"\u{0}"))
  }

  @Test(arguments: ["another schema", "a directory"])
  func whatCannotBeReadIsNotOverwritten(obstacle: String) throws {
    if obstacle == "a directory" {
      mkdir(path, 0o700)
    } else {
      var newer = store(schema: 2)
      try newer.save(Record(number: 7))
    }
    var store = store()
    guard case .unreadable = store.load() else {
      Issue.record("it was read")
      return
    }
    #expect(throws: FileError.self) { try store.save(Record(number: 1)) }
    #expect(obstacle == "a directory" || loaded(schema: 2) == "current 7")
  }

  @Test func whatIsSavedIsRead() throws {
    #expect(loaded() == "none")
    try saveTwo()
    var store = store()
    guard case .current(let record) = store.load() else { return #expect(Bool(false), "not current") }
    #expect(record == Record(number: 2, filler: "ü\n\"\u{0}"))
    #expect(directory.mode("state") == 0o600)
    #expect(try directory.names() == ["state", "state.previous"])
  }

  @Test func equalRecordsAreNotWritten() throws {
    let counter = WriteCounter()
    var first = store(counter: counter)
    try first.save(Record(number: 1))
    #expect(try !first.save(Record(number: 1)))
    var second = store(counter: counter)
    _ = second.load()
    #expect(try !second.save(Record(number: 1)))
    #expect(counter.value == 1)
    unlink(path)
    #expect(try second.save(Record(number: 1)))
    #expect(counter.value == 2)
  }

  @Test func aFileTornAnywhereGivesTheOneBefore() throws {
    try saveTwo()
    let whole = try directory.read("state")
    for length in 0..<whole.count {
      try directory.write(Array(whole[..<length]), to: "state")
      #expect(loaded() == "previous 1", "torn at \(length)")
    }
  }

  @Test func aChangedByteAnywhereGivesTheOneBefore() throws {
    try saveTwo()
    let whole = try directory.read("state")
    for index in whole.indices {
      var changed = whole
      changed[index] ^= 1
      try directory.write(changed, to: "state")
      #expect(loaded() == "previous 1", "changed at \(index)")
    }
  }

  @Test func garbageIsToldAndNeverKept() throws {
    try saveTwo()
    try directory.write([UInt8](repeating: 0xFF, count: 5000), to: "state")
    var store = store()
    guard case .previous(_, let reason) = store.load() else { return #expect(Bool(false), "not previous") }
    #expect(reason.contains(path))
    try store.save(Record(number: 3))
    // The one before is still the good one, not the garbage.
    try directory.write("garbage", to: "state")
    #expect(loaded() == "previous 1")
    try directory.write("garbage", to: "state.previous")
    #expect(loaded() == "unusable")
  }

  @Test func anotherSchemaIsNotDecoded() throws {
    var store = store(schema: 2)
    try store.save(Record(number: 1))
    #expect(loaded(schema: 2) == "current 1")
    #expect(loaded(schema: 1) == "unreadable")
  }

  @Test(arguments: ["state", "state.previous", "state.new"]) func aDirectoryInTheWayIsNoCrash(name: String)
    throws
  {
    mkdir(directory.file(name), 0o700)
    var store = store()
    _ = store.load()
    let saved = Result { try store.save(Record(number: 1)) }
    if name == "state.previous" {
      #expect(throws: Never.self) { try saved.get() }
    } else {
      #expect(throws: FileError.self) { try saved.get() }
    }
  }

  @Test(.enabled(if: SmallDisk.isPossible)) func aFullDiskLeavesTheOldRecordAndCanRecover() throws {
    let disk = try SmallDisk(bytes: 65_536)
    var store = store(in: disk.directory.file("state"))
    try store.save(Record(number: 1))
    let large = Record(number: 2, filler: String(repeating: "x", count: 100_000))
    let error = #expect(throws: FileError.self) { try store.save(large) }
    #expect(error?.isFull == true)
    var reader = self.store(in: disk.directory.file("state"))
    guard case .current(let record) = reader.load() else { return #expect(Bool(false), "not current") }
    #expect(record.number == 1)
    #expect(try store.save(Record(number: 3)))
  }

  /// A writer is killed at random moments; PHOENIX_RANDOM_KILLS says how often.
  @Test func aKilledWriterLeavesAWholeRecord() async throws {
    var last = 0
    var patience = 1
    for round in 0..<(Fuzzing.number("PHOENIX_RANDOM_KILLS") ?? 20) {
      let run = try await Probe.run(
        ["records", path], timeout: .milliseconds(Int.random(in: 15...80) * patience))
      #expect(run.status == .timedOut, "\(run.account)")
      var store = StateStore<Record>(path: path, schema: 1)
      switch store.load() {
      case .current(let record):
        #expect(record.number >= last, "round \(round): a newer record was lost")
        // A machine too busy to write anything in time gets more of it.
        if record.number == last { patience = min(patience * 2, 64) }
        last = record.number
      case .none:
        #expect(last == 0, "round \(round): the record is gone")
        patience = min(patience * 2, 64)
      case .previous(_, let reason), .unusable(let reason), .unreadable(let reason):
        #expect(Bool(false), "round \(round): \(reason)")
      }
    }
    #expect(last > 0, "nothing was ever written: the test kills too early")
  }

  #if PHOENIX_FAILPOINTS
    @Test(arguments: [Failpoint.stateTemporaryWritten, .statePreviousKept, .stateRenamed])
    func aKillAtEachStepLeavesTheOldOrTheNew(point: Failpoint) async throws {
      try saveTwo()
      let run = try await Probe.run(
        ["record", path], environment: ["PHOENIX_FAILPOINT": "\(point.rawValue):kill"])
      #expect(run.status == .signaled(SIGKILL))
      #expect(loaded() == (point == .stateRenamed ? "current 3" : "current 2"))
      _ = try await Probe.run(["record", path])
      #expect(loaded().hasPrefix("current "))
      #expect(try directory.names(in: ".") == ["state", "state.previous"])
    }
  #endif
}
