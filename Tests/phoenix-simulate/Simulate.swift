import Glibc
import SimulationKit

/// `phoenix-simulate FIRST COUNT`: plays seeds, prints the first that fails with its history, exits 1.
/// `phoenix-simulate SEED`: replays one, with its history.
@main
enum Simulate {
  static func main() {
    let numbers = CommandLine.arguments.dropFirst().compactMap { UInt64($0) }
    guard let first = numbers.first else {
      print("usage: phoenix-simulate SEED | FIRST COUNT")
      return
    }
    if numbers.count == 1 { return finish(Simulation.play(seed: first, keepsTrace: true), prints: true) }
    var counts: [String: Int] = [:]
    for seed in first..<(first + numbers[1]) {
      let report = Simulation.play(seed: seed)
      counts.merge(report.counts, uniquingKeysWith: +)
      if !report.violations.isEmpty {
        print("seed \(seed) fails; replay: phoenix-simulate \(seed)")
        for violation in report.violations { print("  " + violation) }
        exit(1)
      }
    }
    let summary = counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    print("\(numbers[1]) seeds hold: \(summary)")
  }

  private static func finish(_ report: Simulation.Report, prints: Bool) {
    if prints { for line in report.trace { print(line) } }
    for violation in report.violations { print("VIOLATION " + violation) }
    exit(report.violations.isEmpty ? 0 : 1)
  }
}
