import ArgumentParser
import PhoenixCore
import PhoenixEngine
import PhoenixHost
import PhoenixNetwork
import PhoenixSystems

/// Passes one after another in one process: the first opens the connections, the others find them open.
struct KeptConnections: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kept", abstract: "Pass after pass, with the connections of the one before.")

  @Option(help: "The users' files.") var config: String
  @Option(help: "The secrets.") var credentials: String
  @Option(help: "What Phoenix remembers.") var state: String
  @Option(help: "How many passes after the first.") var passes = 3

  func run() async throws {
    let http = HTTPClient()
    let environment = SystemEnvironment(
      http: http, credentials: Credentials(directory: credentials), configurationDirectory: config,
      stateDirectory: state, runtimeDirectory: state, stateWrites: WriteCounter())
    let loaded = ConfigurationLoader.load(directory: config)
    let drivers = AllSystems.drivers(settings: loaded.inventory.settings, environment: environment)
    let configuration = EngineConfiguration(loaded, drivers: drivers, onlyOnRequest: true)
    let engine = Engine(configuration: configuration, statePath: "\(state)/kept", sink: { _ in })
    for pass in 0...passes {
      let (started, cpu) = (ContinuousClock.now, ProcessorTime.now)
      let result = await engine.run(RunRequest(await engine.nextRequestID(), .plan))
      let wall = ContinuousClock.now - started
      guard result.plan.isEmpty, case .readable = result.plan.systems[.proxmox] else {
        throw ValidationError("pass \(pass) found something to do, or could not look")
      }
      print(
        "{\"kept\": \(pass > 0), \"wall\": \(wall / .seconds(1)), "
          + "\"cpu\": \((ProcessorTime.now - cpu) / .seconds(1))}")
    }
    _ = await engine.stop(within: .seconds(1))
    await http.shutdown()
  }
}
