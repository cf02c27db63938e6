import Glibc
public import PhoenixCore

/// The channel to guests: commands over OpenSSH, one shared connection for each guest.
public struct Shell: Sendable {
  /// Runs the ssh client; a test puts something else in its place.
  public typealias Runner = @Sendable (ProcessCommand) async throws(Failure) -> ProcessResult

  private let configuration: ShellConfiguration
  private let runner: Runner

  /// Creates a channel. Nothing is connected yet.
  ///
  /// - Parameters:
  ///   - configuration: Keys, pins, sockets.
  ///   - runner: Runs `ssh`.
  public init(_ configuration: ShellConfiguration, runner: @escaping Runner = Processes.run) {
    self.configuration = configuration
    self.runner = runner
    mkdir(configuration.controlDirectory, 0o700)
  }

  /// Runs a command on a guest to its end.
  ///
  /// - Parameters:
  ///   - target: Where.
  ///   - argv: The program and its arguments, visible to every user there.
  ///   - stdin: What it reads; secrets go here.
  ///   - timeout: How long it may take there; it is ended on the guest too.
  ///   - outputLimit: The most bytes kept of its output: the last ones.
  /// - Returns: How it ended, whatever its status. Its own status 255 is told as 254.
  /// - Throws: When the guest could not be spoken to: transient when trying again can help, permanent for a host
  ///   key that is not the pinned one or a key that the guest does not accept.
  public func run(
    _ target: ShellTarget, argv: [String], stdin: [UInt8] = [], timeout: Duration = .seconds(30),
    outputLimit: Int = 1 << 20
  ) async throws(Failure) -> ProcessResult {
    try target.check()
    let line = try RemoteCommand.line(argv, sudo: target.sudo, timeout: timeout)
    let started = ContinuousClock.now
    let result = try await runner(
      ProcessCommand(
        ["ssh"] + configuration.arguments(for: target) + [line], stdin: stdin,
        timeout: timeout + configuration.connectTimeout + .seconds(10), outputLimit: outputLimit))
    switch result.status {
    case .exited(255):
      let failure = SSHFailure.from(result, target: target)
      await disconnect(target)
      throw failure
    case .timedOut, .signaled:
      // The command's own limit is shorter: it is the connection that hangs.
      await disconnect(target)
      throw Failure(
        .transient, doing: "run \(argv.first ?? "") on \(target.endpoint)",
        got: "no answer in \(timeout.components.seconds) s", endpoint: target.endpoint)
    case .exited(124), .exited(137):
      guard ContinuousClock.now - started >= timeout else { return result }
      return ProcessResult(
        status: .timedOut, stdout: result.stdout, stderr: result.stderr,
        stdoutTruncated: result.stdoutTruncated)
    case .exited, .cancelled:
      return result
    }
  }

  /// Ends a guest's shared connection, so that the next command makes a new one.
  ///
  /// - Parameter target: Whose.
  public func disconnect(_ target: ShellTarget) async {
    guard configuration.controlPath(for: target) != nil else { return }
    let command = ProcessCommand(
      ["ssh", "-O", "exit"] + configuration.arguments(for: target), timeout: .seconds(5), grace: .seconds(1))
    _ = try? await runner(command)
  }
}
