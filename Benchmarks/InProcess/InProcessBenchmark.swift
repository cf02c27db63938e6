import ArgumentParser
import Glibc

/// Measures what can only be seen from inside a process. `Benchmarks/bench` runs it, and compares.
@main
struct InProcessBenchmark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "phoenix-benchmark", abstract: "Measures Phoenix inside one process, and writes JSON lines.",
    subcommands: [KeptConnections.self, DiffAndPlan.self])

  static func main() async {
    signal(SIGPIPE, SIG_IGN)
    await main(nil)
  }
}
