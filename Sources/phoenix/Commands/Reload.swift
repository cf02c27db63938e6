import ArgumentParser
import PhoenixCore
import PhoenixEngine

struct Reload: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reload",
    abstract: "Let phoenixd read the files again; bad ones change nothing.")

  @OptionGroup var global: GlobalOptions

  @Flag(help: "Wait until the new files are in force.")
  var wait = false

  func validate() throws {
    if global.standalone { throw ValidationError("There is no daemon to reload with --standalone.") }
  }

  func run() async throws {
    let report: ReloadReport = try await global.withChannel("reload") { channel in
      try await channel.ask(.order("/v1/reload", WaitOrder(wait: wait)), accepted: [422])
    }
    let findings = report.findings.map(\.finding)
    global.write(report) { _ in
      FindingsText.render(findings)
        + (report.isAccepted
          ? report.isInForce
            ? "The new files are in force.\n"
            : "The new files are taken; they are in force when what is under way has ended.\n"
          : "The files are refused (\(FindingsText.summary(findings))); the old ones stay in force.\n")
    }
    if !report.isAccepted { throw CommandError(status: ExitStatus.configuration) }
  }
}
