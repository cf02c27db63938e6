import ArgumentParser
import PhoenixCore
import PhoenixEngine
import PhoenixHost

struct History: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history",
    abstract: "Tell what happened.", discussion: "`journalctl -u phoenixd` has all of it.")

  @OptionGroup var global: GlobalOptions

  @Argument(help: ArgumentHelp("Only what is about this system/kind/name.", valueName: "resource"))
  var resource: String?

  @Option(
    help: ArgumentHelp("How far back, such as 2h or 7d.", valueName: "time"),
    transform: { text in
      guard let duration = Duration(configurationText: text) else {
        throw ValidationError("'\(text)' is no time such as 2h or 7d")
      }
      return duration.components.seconds
    })
  var since: Int64?

  func run() async throws {
    var query: [String: String] = [:]
    query["resource"] = resource
    query["since"] = since.map { String(HostClock.system.wall().seconds - $0) }
    let history: HistoryReport = try await global.withChannel("history") { [query] channel in
      try await channel.ask(.question("/v1/history", query))
    }
    global.write(history) { _ in
      history.entries.map { "\($0.time) \($0.priority): \($0.message)".escapedForTerminals + "\n" }.joined()
    }
  }
}
