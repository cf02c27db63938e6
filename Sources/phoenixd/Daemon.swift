import Glibc
import PhoenixCore
import PhoenixEngine
import PhoenixHost
import PhoenixNetwork
import PhoenixSystems

/// The daemon, from its start to its end.
struct Daemon: Sendable {
  /// The longest time for the actions under way at SIGTERM; the unit kills what takes longer than 45 s.
  private static let longestStop = Duration.seconds(35)

  private let options: DaemonOptions
  private let journal: JournalWriter
  private let notify = Notify.system

  init(_ options: DaemonOptions, journal: JournalWriter) {
    self.options = options
    self.journal = journal
  }

  /// Runs until it is told to stop. Returns the status to exit with.
  func run() async -> Int32 {
    // From here on, so that a signal during the start is not lost.
    let signals = SignalStream.of([SIGHUP, SIGTERM, SIGINT])
    journal.log(.info, "phoenixd \(PhoenixVersion.current) starts", id: .started)
    do throws(Failure) {
      let sockets = try ListenDescriptors.take()
      switch try takeLock() {
      case .held(let holder):
        journal.log(
          .error,
          "\(options.stateDirectory) is being written by \(holder.purpose ?? "another process")"
            + (holder.pid.map { " (process \($0))" } ?? "") + "; there is one writer at a time")
        return ExitStatus.locked
      case .acquired(let lock):
        let status = try await keep(sockets, signals)
        withExtendedLifetime(lock) {}
        return status
      }
    } catch {
      journal.log(.error, error.description)
      return ExitStatus.failed
    }
  }

  private func takeLock() throws(Failure) -> ProcessLock.Attempt {
    for directory in [options.stateDirectory, options.runtimeDirectory]
    where mkdir(directory, 0o700) != 0 && errno != EEXIST {
      throw Failure(
        .permanent, doing: "make the directory \(directory)", got: String(cString: strerror(errno)))
    }
    return try ProcessLock.acquire("\(options.stateDirectory)/lock", purpose: "phoenixd")
  }

  private func keep(
    _ sockets: ListenDescriptors, _ signals: AsyncStream<Int32>
  ) async throws(Failure) -> Int32 {
    let counter = WriteCounter()
    let http = HTTPClient()
    let environment = SystemEnvironment(
      http: http, credentials: .standard(chosen: options.credentials),
      configurationDirectory: options.config, stateDirectory: options.stateDirectory,
      runtimeDirectory: options.runtimeDirectory, stateWrites: counter)
    let keeper = ConfigurationKeeper(environment: environment)
    let configuration = await keeper.load()
    if configuration.hasErrors {
      await refuse(configuration, sockets)
      return ExitStatus.configuration
    }
    for line in FindingsJournal.lines(configuration.kernel.findings, id: nil) { journal.log(line) }

    let service = Service(
      configuration, keeper: keeper, http: http, statePath: "\(options.stateDirectory)/kernel",
      counter: counter, journal: journal, notify: notify)
    try await service.serve(
      sockets,
      paths: [
        ControlInterface.adminListener: options.adminSocket,
        ControlInterface.statusListener: options.statusSocket,
      ].compactMapValues { $0 })
    await service.start()
    await follow(signals, service)
    await service.stop(within: min(keeper.shutdownTime, Self.longestStop))
    await environment.endConnections()
    await http.shutdown()
    return 0
  }

  /// Acts on signals until one says to stop.
  ///
  /// Reading the files may take long, and is no reason to be deaf: it goes on beside. Those who hang up meanwhile
  /// get one more reading together.
  private func follow(_ signals: AsyncStream<Int32>, _ service: Service) async {
    let (hangUps, feed) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    let reloads = Task { for await _ in hangUps { _ = await service.reload(wait: false) } }
    for await signal in signals {
      guard signal == SIGHUP else { break }
      feed.yield()
    }
    reloads.cancel()
  }

  private func refuse(_ configuration: EngineConfiguration, _ sockets: ListenDescriptors) async {
    let findings = configuration.kernel.findings
    for line in FindingsJournal.lines(findings, id: .configurationRefused) { journal.log(line) }
    let summary = FindingsText.summary(findings)
    journal.log(
      .error, "The files in \(options.config) cannot be used (\(summary)): phoenixd does not start",
      id: .configurationRefused)
    notify.status("The files in \(options.config) cannot be used: \(summary)")
    await Refusal.answer(on: sockets, findings: findings)
  }
}
