import FoundationEssentials
import Glibc
import PhoenixCore
import PhoenixHost
import PhoenixNetwork
import PhoenixSystems

/// One pass over the gateway in a process of its own, to be killed at its failpoints.
///
/// gateway-probe BIN; `Work` is read from stdin, and programs below BIN go before the machine's own.
@main
enum GatewayProbe {
  /// What should be, and what others have published.
  private struct Work: Decodable {
    let desired: Nginx.Desired
    let facts: [Fact]

    struct Fact: Decodable {
      let name: String
      let subject: String
      let text: String
    }
  }

  static func main() async throws {
    guard CommandLine.arguments.count == 2, let line = readLine() else { throw Misuse() }
    let work = try JSONDecoder().decode(Work.self, from: Data(line.utf8))
    let readings = work.facts.map {
      (FactKey($0.name, of: $0.subject), Reading<FactValue>.known(.text($0.text)))
    }
    let facts = Facts(Dictionary(readings) { first, _ in first })
    let shell = shell(bin: CommandLine.arguments[1])
    let nginx = Nginx(
      client: HTTPClient(), shell: { () throws(Failure) in shell }, proofTime: .seconds(10))
    let observed = await nginx.observe(.everything, desired: work.desired)
    let now = HostClock.system.wall()
    for change in Nginx.diff(desired: work.desired, observed: observed, facts: facts, now: now) {
      try await nginx.apply(change, desired: work.desired, observed: observed, facts: facts)
    }
    print("applied")
  }

  struct Misuse: Error {}

  /// The guest is this machine.
  private static func shell(bin: String) -> Shell {
    let configuration = ShellConfiguration(
      keyPath: "/nonexistent", knownHostsPath: "/nonexistent", controlDirectory: "/tmp/phoenix-test-control")
    return Shell(configuration) { command throws(Failure) in
      try await Processes.run(
        ProcessCommand(
          ["/bin/sh", "-c", command.argv.last ?? ""], stdin: command.stdin,
          environment: ["PATH": "\(bin):/usr/sbin:/usr/bin:/sbin:/bin"], timeout: command.timeout,
          outputLimit: command.outputLimit))
    }
  }
}
