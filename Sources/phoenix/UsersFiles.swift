import PhoenixCore
import PhoenixEngine
import PhoenixHost
import PhoenixSystems

/// The users' files, compiled for all systems.
enum UsersFiles {
  /// Reads them. What is wrong is a finding.
  static func load(_ environment: SystemEnvironment, onlyOnRequest: Bool) async -> EngineConfiguration {
    await Blocking.run {
      let loaded = ConfigurationLoader.load(directory: environment.configurationDirectory)
      let drivers = AllSystems.drivers(settings: loaded.inventory.settings, environment: environment)
      return EngineConfiguration(loaded, drivers: drivers, onlyOnRequest: onlyOnRequest)
    }
  }
}
