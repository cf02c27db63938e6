import ArgumentParser
import PhoenixCore
import PhoenixEngine
import PhoenixHost
import PhoenixNetwork
import PhoenixSystems

struct Validate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Check the files; findings come with file:line:column. Nothing is asked over the network.")

  @OptionGroup var global: GlobalOptions

  func run() async throws {
    let environment = SystemEnvironment(
      http: HTTPClient(), credentials: .standard(chosen: global.credentials),
      configurationDirectory: global.config, stateDirectory: global.state, runtimeDirectory: global.state,
      stateWrites: WriteCounter())
    let configuration = await UsersFiles.load(environment, onlyOnRequest: true)
    let findings = configuration.kernel.findings
    global.write(FindingsReport(findings)) { _ in FindingsText.render(findings) }
    Terminal.tell("\(global.config): \(FindingsText.summary(findings))\n")
    if configuration.hasErrors { throw CommandError(status: ExitStatus.configuration) }
  }
}
