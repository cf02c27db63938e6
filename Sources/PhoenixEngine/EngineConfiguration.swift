public import PhoenixCore

/// A desired state with the hands that keep it.
public struct EngineConfiguration: Sendable {
  /// What the kernel decides on.
  public let kernel: KernelConfiguration
  /// The hands of each system.
  public let drivers: [any SystemDriver]
  /// How many actions run side by side.
  public let width: Int
  /// How long one look at a system may take.
  public let lookLimit: Duration

  /// Creates a configuration.
  public init(
    kernel: KernelConfiguration, drivers: [any SystemDriver], width: Int = 8,
    lookLimit: Duration = .seconds(30)
  ) {
    self.kernel = kernel
    self.drivers = drivers
    self.width = width
    self.lookLimit = lookLimit
  }
}

extension EngineConfiguration {
  /// Compiles the users' files for the systems that are kept.
  ///
  /// - Parameters:
  ///   - loaded: The files.
  ///   - drivers: The hands of the systems.
  ///   - onlyOnRequest: Whether it does what is requested and nothing by itself.
  public init(_ loaded: LoadedConfiguration, drivers: [any SystemDriver], onlyOnRequest: Bool = false) {
    let settings = loaded.inventory.settings
    let systems = drivers.map { $0.compile(loaded.inventory, loaded.nodes) }
    // What a system misses may stand in a file that cannot be read. It is refused in any case.
    let compiled = loaded.nodes.unreadable.isEmpty ? systems.flatMap(\.compileFindings) : []
    self.init(
      kernel: KernelConfiguration(
        systems: systems, findings: (loaded.findings + compiled).inOrder,
        desiredDigest: loaded.desiredDigest, policy: settings.policy,
        intervals: Dictionary(
          drivers.map { ($0.name, settings.intervals[$0.name]) }, uniquingKeysWith: { first, _ in first }),
        fullInterval: settings.intervals.full, actionDeadline: settings.timeouts.action,
        onlyOnRequest: onlyOnRequest),
      drivers: drivers, width: settings.concurrency.actions)
  }

  /// Whether it must not be used: some finding of the files is an error.
  public var hasErrors: Bool { kernel.findings.contains { $0.severity == .error } }
}
