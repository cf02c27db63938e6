import SimulationKit
import Testing

@Suite("The kernel in simulated worlds")
struct SimulationTests {
  /// A few worlds in every run of the suite; `make simulate` plays 2,000, `make campaign` 100,000.
  @Test(arguments: 0..<8)
  func worldsConverge(block: UInt64) {
    for seed in (block * 10 + 1)...(block * 10 + 10) {
      let report = Simulation.play(seed: seed)
      #expect(report.violations.isEmpty, "seed \(seed); replay: phoenix-simulate \(seed)")
    }
  }

  @Test func aSeedHasOneHistory() {
    let first = Simulation.play(seed: 7, keepsTrace: true)
    let again = Simulation.play(seed: 7, keepsTrace: true)
    #expect(first.counts == again.counts)
    #expect(first.counts["applies", default: 0] > 0)
  }

  @Test func theSeedsAreNoWalkInThePark() {
    var counts: [String: Int] = [:]
    for seed in UInt64(200)..<240 { counts.merge(Simulation.play(seed: seed).counts, uniquingKeysWith: +) }
    for kind in [
      "applies", "kills", "hangs", "lost replies", "lies", "disturbances", "operators", "meddlings",
    ] {
      #expect(counts[kind, default: 0] > 0, "no \(kind) in forty worlds")
    }
  }
}
