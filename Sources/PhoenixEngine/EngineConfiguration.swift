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
