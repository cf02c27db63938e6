import ArgumentParser
import PhoenixCore
import PhoenixEngine

struct Reload: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reload",
    abstract: "Let phoenixd read the files again; bad ones change nothing.")

  @OptionGroup var global: GlobalOptions

  @Flag(help: "Check the files, and change nothing.")
  var dryRun = false

  @Flag(help: "Wait until the new files are in force.")
  var wait = false

  func validate() throws {
    if global.standalone { throw ValidationError("There is no daemon to reload with --standalone.") }
  }

  func run() async throws {
    let report: ReloadReport = try await global.withChannel("reload") { channel in
      try await channel.ask(.order("/v1/reload", ReloadOrder(wait: wait, isDryRun: dryRun)), accepted: [422])
    }
    let findings = report.findings.map(\.finding)
    global.write(report) { _ in FindingsText.render(findings) + told(report, findings) }
    if !report.isAccepted { throw CommandError(status: ExitStatus.configuration) }
  }

  private func told(_ report: ReloadReport, _ findings: [Finding]) -> String {
    let summary = FindingsText.summary(findings)
    return switch (report.isAccepted, dryRun) {
    case (true, true): "The files can be used; they were not put in force.\n"
    case (false, true): "The files would be refused (\(summary)).\n"
    case (false, false): "The files are refused (\(summary)); the old ones stay in force.\n"
    case (true, false) where report.isInForce: "The new files are in force.\n"
    case (true, false): "The new files are taken; they are in force when what is under way has ended.\n"
    }
  }
}
