import Glibc
import PhoenixCore
import PhoenixEngine
import PhoenixHost
import PhoenixNetwork
import PhoenixSystems

/// What phoenixd does, in this process, for one command.
struct StandaloneChannel: ControlChannel {
  /// How long actions under way may take when the command ends.
  private static let stopTime = Duration.seconds(35)

  private let engine: Engine
  private let control: ControlInterface
  private let http: HTTPClient
  private let locks: [ProcessLock]
  /// What is done without the daemon is told in the same journal: `journalctl -t phoenix`.
  private let journal = JournalWriter(sink: .native(identifier: "phoenix"), threshold: .info)

  /// Takes the lock of the state directory and loads the files.
  ///
  /// - Parameters:
  ///   - options: Where everything is.
  ///   - purpose: What others are told while the lock is held.
  /// - Throws: When somebody else has the lock, or the files cannot be used.
  init(_ options: GlobalOptions, purpose: String) async throws(CommandError) {
    let ground = try StandaloneGround.take(options)
    locks = try Self.takeLocks(options.state, purpose: purpose)
    let http = HTTPClient()
    self.http = http
    let counter = WriteCounter()
    let environment = SystemEnvironment(
      http: http, credentials: ground.credentials, configurationDirectory: options.config,
      stateDirectory: options.state, runtimeDirectory: ground.runtimeDirectory, stateWrites: counter)
    let configuration = await UsersFiles.load(environment, onlyOnRequest: true)
    if configuration.hasErrors {
      throw CommandError(
        ErrorReport(
          doing: "load \(options.config)", got: FindingsText.summary(configuration.kernel.findings),
          hint: "mend the files; `phoenix validate` checks them", findings: configuration.kernel.findings),
        status: ExitStatus.configuration)
    }
    let monitor = Monitor()
    engine = Engine(
      configuration: configuration, statePath: "\(options.state)/kernel", counter: counter,
      sink: { [journal] event in
        monitor.record(event, at: HostClock.system.wall())
        if let line = EventJournal.line(for: event) { journal.log(line) }
      })
    control = ControlInterface(
      engine: engine,
      surroundings: ControlInterface.Surroundings(
        monitor: monitor, requests: http.counters, stateWrites: counter, lateLoops: { [] },
        reload: { _ in
          ReloadReport(
            isAccepted: true, isInForce: true, digest: configuration.kernel.desiredDigest,
            findings: configuration.kernel.findings)
        }))
  }

  func send(_ request: ControlRequest) async throws(CommandError) -> ControlAnswer {
    let response = await control.respond(
      ServerRequest(
        method: request.method.rawValue, path: request.path, query: request.query, body: request.body ?? [],
        listener: ControlInterface.adminListener))
    let (pieces, feed) = AsyncThrowingStream<[UInt8], any Error>.makeStream()
    switch response.body {
    case .bytes(let bytes):
      feed.yield(bytes)
      feed.finish()
    case .stream(let stream):
      Task {
        for await piece in stream { feed.yield(piece) }
        feed.finish()
      }
    }
    return ControlAnswer(status: response.status, body: pieces)
  }

  func close() async {
    _ = await engine.stop(within: Self.stopTime)
    await http.shutdown()
    _ = await journal.flush()
    withExtendedLifetime(locks) {}
  }

  /// That of phoenixd, too, where another directory is chosen: what is written are the same machines.
  private static func takeLocks(_ directory: String, purpose: String) throws(CommandError) -> [ProcessLock] {
    let own = try takeLock(directory, purpose: purpose)
    let (chosen, usual) = (identity(of: directory), identity(of: GlobalOptions.usualState))
    guard let usual, usual != chosen else { return [own] }
    return [own, try takeLock(GlobalOptions.usualState, purpose: purpose)]
  }

  private static func identity(of directory: String) -> [UInt64]? {
    var status = stat()
    return stat(directory, &status) == 0 ? [UInt64(status.st_dev), UInt64(status.st_ino)] : nil
  }

  private static func takeLock(_ directory: String, purpose: String) throws(CommandError) -> ProcessLock {
    let attempt: ProcessLock.Attempt
    do throws(Failure) {
      attempt = try ProcessLock.acquire("\(directory)/lock", purpose: purpose)
    } catch {
      let isForbidden = access(directory, W_OK) != 0 && errno != ENOENT && errno != ENOTDIR
      throw CommandError(error, status: isForbidden ? ExitStatus.permission : ExitStatus.failed)
    }
    switch attempt {
    case .acquired(let lock): return lock
    case .held(let holder):
      throw CommandError(
        ErrorReport(
          doing: "take the lock \(directory)/lock",
          got: (holder.purpose ?? "another process") + " has it"
            + (holder.pid.map { " (process \($0))" } ?? ""),
          hint: "leave --standalone out and phoenixd does it, or stop it with `systemctl stop phoenixd`"),
        status: ExitStatus.locked)
    }
  }
}
