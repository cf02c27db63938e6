import PhoenixCore
import PhoenixEngine
import PhoenixHost
import PhoenixSystems

/// Reads the users' files, one reading after another, on a queue of its own.
actor ConfigurationKeeper {
  private struct InForce {
    var shutdownTime = DaemonSettings().timeouts.shutdown
    var refusal: String?
  }

  private let executor = QueueExecutor(label: "phoenix.configuration")
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  private let environment: SystemEnvironment
  /// Apart from the actor: whoever asks must not wait for a reading that takes long.
  private let inForce = Lock(InForce())

  /// How long the running action may take at SIGTERM, as the files in force say.
  nonisolated var shutdownTime: Duration { inForce.withLock(\.shutdownTime) }
  /// Why the files on disk are not in force; nil when they are.
  nonisolated var refusal: String? { inForce.withLock(\.refusal) }
  /// The same as a finding.
  nonisolated var refusalFinding: Finding? {
    refusal.map { Finding(.error, $0, hint: "`phoenix validate` names what is wrong, and where") }
  }

  init(environment: SystemEnvironment) { self.environment = environment }

  /// Reads the files to be put in force, unless they are refused.
  func load() -> EngineConfiguration {
    let (settings, configuration) = compiled()
    let refusal = configuration.hasErrors ? refusal(configuration) : nil
    inForce.withLock { inForce in
      inForce.refusal = refusal
      if refusal == nil { inForce.shutdownTime = settings.timeouts.shutdown }
    }
    return configuration
  }

  /// Reads the files to be looked at.
  func read() -> EngineConfiguration { compiled().configuration }

  /// Reads the files and compiles them for all systems. What is wrong is a finding.
  private func compiled() -> (settings: DaemonSettings, configuration: EngineConfiguration) {
    let loaded = ConfigurationLoader.load(directory: environment.configurationDirectory)
    Failpoint.reach(.configurationRead)
    let settings = loaded.inventory.settings
    let drivers = AllSystems.drivers(settings: settings, environment: environment)
    return (settings, EngineConfiguration(loaded, drivers: drivers))
  }

  private func refusal(_ configuration: EngineConfiguration) -> String {
    let summary = FindingsText.summary(configuration.kernel.findings)
    return
      "the files in \(environment.configurationDirectory) are refused (\(summary)), the old ones stay in force"
  }
}
