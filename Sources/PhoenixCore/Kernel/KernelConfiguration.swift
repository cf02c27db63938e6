/// Everything the kernel takes from the users' files.
public struct KernelConfiguration: Sendable {
  /// Each system, compiled.
  public var systems: [any SystemState]
  /// What loading and compiling found.
  public var findings: [Finding]
  /// The digest of the files' content.
  public var desiredDigest: String
  /// What the daemon may do by itself.
  public var policy: Policy
  /// How often each system is looked at; those missing have the full look only.
  public var intervals: [SystemName: Duration]
  /// How often everything is looked at.
  public var fullInterval: Duration
  /// How long one action may take.
  public var actionDeadline: Duration
  /// Whether it does what is requested and nothing by itself, as a command that runs without the daemon.
  public var onlyOnRequest: Bool

  /// Creates a configuration.
  public init(
    systems: [any SystemState], findings: [Finding] = [], desiredDigest: String, policy: Policy = Policy(),
    intervals: [SystemName: Duration] = [:], fullInterval: Duration = .seconds(600),
    actionDeadline: Duration = .seconds(120), onlyOnRequest: Bool = false
  ) {
    self.systems = systems
    self.findings = findings
    self.desiredDigest = desiredDigest
    self.policy = policy
    self.intervals = intervals
    self.fullInterval = fullInterval
    self.actionDeadline = actionDeadline
    self.onlyOnRequest = onlyOnRequest
  }
}
