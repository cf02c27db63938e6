import Glibc

/// How long and from where to fuzz.
enum Fuzzing {
  /// PHOENIX_FUZZ_SECONDS for each parser; 1 by default.
  static var budget: Duration { .seconds(number("PHOENIX_FUZZ_SECONDS") ?? 1) }

  /// PHOENIX_FUZZ_SEED, to replay; else another each time.
  static var seed: UInt64 {
    number("PHOENIX_FUZZ_SEED").map { UInt64(bitPattern: Int64($0)) }
      ?? UInt64.random(in: 0...UInt64.max >> 1)
  }

  /// Calls the body until the budget is used up, at least once.
  static func rounds(_ body: (inout SeededRandom) async throws -> Void) async throws {
    var random = SeededRandom(seed: seed)
    let end = ContinuousClock.now + budget
    repeat { try await body(&random) } while ContinuousClock.now < end
  }

  static func number(_ name: String) -> Int? { getenv(name).flatMap { Int(String(cString: $0)) } }
}
