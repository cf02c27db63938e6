import PhoenixCore
import PhoenixEngine
import PhoenixHost
import PhoenixSystems

/// Reads the users' files, one reading after another, on a queue of its own.
actor ConfigurationKeeper {
  private let executor = QueueExecutor(label: "phoenix.configuration")
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  private let environment: SystemEnvironment
  /// How long the running action may take at SIGTERM, as the files in force say.
  private(set) var shutdownTime = DaemonSettings().timeouts.shutdown
  /// Why the files on disk are not in force; nil when they are.
  private(set) var refusal: String?

  init(environment: SystemEnvironment) { self.environment = environment }

  /// Reads the files and compiles them for all systems. What is wrong is a finding.
  func load() -> EngineConfiguration {
    let loaded = ConfigurationLoader.load(directory: environment.configurationDirectory)
    let settings = loaded.inventory.settings
    let configuration = EngineConfiguration(
      loaded, drivers: AllSystems.drivers(settings: settings, environment: environment))
    if configuration.hasErrors {
      let summary = FindingsText.summary(configuration.kernel.findings)
      refusal =
        "the files in \(environment.configurationDirectory) are refused (\(summary)), the old ones stay in force"
    } else {
      refusal = nil
      shutdownTime = settings.timeouts.shutdown
    }
    return configuration
  }
}
