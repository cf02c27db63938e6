/// A program to run, with its input and its limits.
///
/// Arguments and environment are visible to every user of the machine: secrets go by `stdin`.
public struct ProcessCommand: Sendable {
  /// The program, then its arguments. A program without a slash is looked up in the system's directories.
  public let argv: [String]
  /// What it reads; its input ends there.
  public var stdin: [UInt8]
  /// Variables beside PATH, LANG and HOME.
  public var environment: [String: String]
  /// How long it may take. Then its process group is told to end (SIGTERM).
  public var timeout: Duration
  /// How long after that it is killed (SIGKILL).
  public var grace: Duration
  /// The most bytes kept of its output, and of its errors each: the last ones.
  public var outputLimit: Int

  /// Creates a command.
  public init(
    _ argv: [String], stdin: [UInt8] = [], environment: [String: String] = [:],
    timeout: Duration = .seconds(30), grace: Duration = .seconds(5), outputLimit: Int = 1 << 20
  ) {
    self.argv = argv
    self.stdin = stdin
    self.environment = environment
    self.timeout = timeout
    self.grace = grace
    self.outputLimit = outputLimit
  }
}
