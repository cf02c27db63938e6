import ArgumentParser
import PhoenixCore

struct Version: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "version", abstract: "Show the version.")

  @OptionGroup var global: GlobalOptions

  func run() async throws {
    global.write(["version": PhoenixVersion.current]) { _ in "phoenix \(PhoenixVersion.current)\n" }
  }
}
