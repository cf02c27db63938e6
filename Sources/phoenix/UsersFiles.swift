import PhoenixCore
import PhoenixEngine
import PhoenixHost
import PhoenixNetwork
import PhoenixSystems

/// The users' files, compiled for all systems.
enum UsersFiles {
  /// Reads them. What is wrong is a finding.
  static func load(_ environment: SystemEnvironment, onlyOnRequest: Bool) async -> EngineConfiguration {
    await read(environment, onlyOnRequest: onlyOnRequest).configuration
  }

  /// Reads them to be looked at, without anything to act with.
  static func read(
    _ options: GlobalOptions
  ) async -> (inventory: Inventory, configuration: EngineConfiguration) {
    let environment = SystemEnvironment(
      http: HTTPClient(), credentials: .standard(chosen: options.credentials),
      configurationDirectory: options.config, stateDirectory: options.state, runtimeDirectory: options.state,
      stateWrites: WriteCounter())
    return await read(environment, onlyOnRequest: true)
  }

  private static func read(
    _ environment: SystemEnvironment, onlyOnRequest: Bool
  ) async -> (inventory: Inventory, configuration: EngineConfiguration) {
    await Blocking.run {
      let loaded = ConfigurationLoader.load(directory: environment.configurationDirectory)
      let drivers = AllSystems.drivers(settings: loaded.inventory.settings, environment: environment)
      return (
        loaded.inventory, EngineConfiguration(loaded, drivers: drivers, onlyOnRequest: onlyOnRequest)
      )
    }
  }
}
