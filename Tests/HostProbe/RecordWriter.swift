import Glibc
import PhoenixHost

/// Writes one record after another, each with the next number, until it is killed.
enum RecordWriter {
  struct Record: Codable {
    let number: Int
    /// Makes records of many sizes, so that a kill meets writes of one block and of many.
    let filler: String
  }

  static func run(path: String, count: Int) throws {
    var store = StateStore<Record>(path: path, schema: 1)
    var number: Int
    switch store.load() {
    case .current(let record), .previous(let record, _): number = record.number
    case .none: number = 0
    case .unusable(let reason), .unreadable(let reason):
      HostProbe.say(reason)
      exit(70)
    }
    for _ in 0..<count {
      number += 1
      try store.save(Record(number: number, filler: String(repeating: "x", count: number * 7919 % 300_000)))
    }
  }
}
