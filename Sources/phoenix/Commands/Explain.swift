import ArgumentParser
import PhoenixCore
import PhoenixEngine

struct Explain: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Tell why a resource stands as it does.")

  @OptionGroup var global: GlobalOptions

  @Argument(help: ArgumentHelp("system/kind/name.", valueName: "resource"))
  var resource: String

  func validate() throws { try refuseWhatIsNoResource(resource) }

  func run() async throws {
    let explanation: ExplanationReport = try await global.withChannel("explain") { channel in
      try await channel.lookFirst(global)
      return try await channel.ask(.question("/v1/explain", ["resource": resource]))
    }
    global.write(explanation) { ExplanationText.render(explanation, style: $0) }
  }
}
