import ArgumentParser
import Glibc
import PhoenixCore
import PhoenixEngine

struct Status: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show what is, against what should be, as of the last look.")

  @OptionGroup var global: GlobalOptions
  @OptionGroup var targets: TargetArguments

  @Flag(help: "Show it again every two seconds.")
  var watch = false

  func validate() throws {
    for name in targets.names where Target(name) == nil {
      throw ValidationError("'\(name)' is no vmid, system or resource.")
    }
  }

  func run() async throws {
    try await global.withChannel("status") { channel in
      try await channel.lookFirst(global)
      repeat {
        let status: StatusReport = try await channel.ask(.question("/v1/status"))
        try refuseUnknown(in: status)
        let isScreen = watch && !global.json && isatty(STDOUT_FILENO) == 1
        if isScreen { Terminal.write("\u{1b}[H\u{1b}[2J") }
        let shown = status.about(targets.targets)
        global.write(shown) { StatusText.render(shown, style: $0) }
        if watch { try await Task.sleep(for: .seconds(2)) }
      } while watch
    }
  }

  /// Nothing to show is no answer to a name that means nothing.
  private func refuseUnknown(in status: StatusReport) throws(CommandError) {
    let known = status.resources.map(\.resource)
    let systems = Set(status.systems.map(\.system.rawValue))
    for target in targets.targets
    where !systems.contains(target.description) && !known.contains(where: target.matches) {
      throw CommandError(
        ErrorReport(
          doing: "show the status", expected: "something that Phoenix keeps",
          got: "nothing that \(target.description.quotedForPeople) names",
          hint: NearestResource.hint(for: target.description, among: known)),
        status: ExitStatus.usage)
    }
  }
}
