public import PhoenixCore

/// What the engine knows now.
public struct EngineReport: Sendable {
  /// How every resource stood after the last run; a declared one that no run has seen is unknown.
  public let resources: [ResourceStatus]
  /// How readable every system was at the last look; one never looked at is missing.
  public let systems: [SystemName: SystemHealth]
  /// What is wanted and not done.
  public let held: [HeldChange]
  /// What is wrong with the files and the resources.
  public let findings: [Finding]
  /// Whether newer files than those in force were refused.
  public let isRefusing: Bool
  /// Whether everything is left alone.
  public let isPaused: Bool
  /// Whether a run is under way.
  public let isRunning: Bool
  /// The resources that are acted on now.
  public let active: [ResourceID]
  /// What the systems have published.
  public let facts: Facts
  /// When the next look is due; nil while a run is under way.
  public let nextPass: WallTime?
}
