import PhoenixCore
import PhoenixEngine
import PhoenixHost
import PhoenixNetwork

/// The engine with everything around it: sockets, journal, watchdog, clocks, status line.
actor Service {
  /// How long a command waits for a new configuration to take force.
  private static let forceTime = Duration.seconds(30)

  private let engine: Engine
  private let keeper: ConfigurationKeeper
  private let journal: JournalWriter
  private let notify: Notify
  private let monitor = Monitor()
  private let watchdog: Watchdog
  private let http: HTTPClient
  private let counter: WriteCounter
  private let ended: AsyncStream<Void>
  private let endedFeed: AsyncStream<Void>.Continuation

  private var server: ControlServer?
  private var loops: [WatchdogLoop] = []
  private var clocks: ClockWatch?
  private var teller: Task<Void, Never>?
  private var lastReload: Task<ReloadReport, Never>?
  private var isStopping = false

  init(
    _ configuration: EngineConfiguration, keeper: ConfigurationKeeper, http: HTTPClient, statePath: String,
    counter: WriteCounter, journal: JournalWriter, notify: Notify
  ) {
    self.keeper = keeper
    self.journal = journal
    self.notify = notify
    self.http = http
    self.counter = counter
    watchdog = Watchdog(notify: notify)
    (ended, endedFeed) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    let feed = endedFeed
    let monitor = monitor
    engine = Engine(
      configuration: configuration, statePath: statePath, counter: counter,
      sink: { event in
        monitor.record(event, at: HostClock.system.wall())
        if let line = EventJournal.line(for: event) { journal.log(line) }
        if case .runEnded = event.kind { feed.yield() }
      })
  }

  /// Listens on the sockets that systemd passed, and on paths of its own.
  func serve(_ sockets: ListenDescriptors, paths: [String: String]) async throws(Failure) {
    let control = ControlInterface(
      engine: engine,
      surroundings: ControlInterface.Surroundings(
        monitor: monitor, requests: http.counters, stateWrites: counter,
        lateLoops: { [watchdog] in watchdog.late },
        reload: { order in
          order.isDryRun ?? false ? await self.checkFiles() : await self.reload(wait: order.wait ?? false)
        }))
    let server = ControlServer { request in await control.respond(request) }
    self.server = server
    let engine = engine
    loops = [
      watchdog.register("engine") { await engine.round() },
      watchdog.register("work") { await engine.workRound() },
      watchdog.register("sockets") { await server.round() },
    ]
    for name in sockets.names {
      guard let descriptor = sockets[name] else { continue }
      try await server.serve(descriptor: descriptor, name: name)
    }
    for (name, path) in paths { try await server.serve(path: path, name: name) }
    if sockets.names.isEmpty && paths.isEmpty {
      journal.log(.warning, "No sockets were passed: nobody can ask this phoenixd anything")
    }
  }

  /// Says that it is ready, and begins to look.
  func start() async {
    watchdog.start()
    if let trouble = engine.memoryTrouble {
      journal.log(.error, "What Phoenix remembered could not be read whole: \(trouble)", id: .stateRecovered)
    }
    let report = await engine.report
    notify.ready("Looking at \(report.resources.count) resources for the first time")
    journal.log(.info, "phoenixd is ready", id: .ready)
    await engine.start()
    clocks = ClockWatch { [journal, engine] event in
      journal.log(Self.line(for: event))
      Task { await engine.trigger(.clockJump) }
    }
    teller = Task { [ended] in
      var last = ""
      for await _ in ended {
        let text = await self.statusLine()
        if text != last { self.notify.status(text) }
        last = text
      }
    }
  }

  /// Reads the files again. Bad ones change nothing.
  ///
  /// - Parameter wait: Whether to return only when good ones are in force.
  /// - Returns: How it went.
  func reload(wait: Bool) async -> ReloadReport {
    let earlier = lastReload
    let task = Task {
      _ = await earlier?.value
      return await self.reloadNow()
    }
    lastReload = task
    var report = await task.value
    if wait && report.isAccepted { report.isInForce = await engine.isInForce(within: Self.forceTime) }
    return report
  }

  /// Reads the files, says what is wrong with them, and leaves it at that.
  private func checkFiles() async -> ReloadReport {
    let configuration = await keeper.read()
    return ReloadReport(
      isAccepted: !configuration.hasErrors, isInForce: false, digest: configuration.kernel.desiredDigest,
      findings: configuration.kernel.findings)
  }

  private func reloadNow() async -> ReloadReport {
    notify.reloading()
    let configuration = await keeper.load()
    let findings = configuration.kernel.findings
    let isRefused = configuration.hasErrors
    let report = ReloadReport(
      isAccepted: !isRefused, isInForce: false, digest: configuration.kernel.desiredDigest, findings: findings
    )
    // Told to end meanwhile: nothing is ready any more.
    if isStopping { return report }
    for line in FindingsJournal.lines(findings, id: isRefused ? .configurationRefused : nil) {
      journal.log(line)
    }
    await engine.refuse(keeper.refusalFinding)
    if isRefused {
      let text = keeper.refusal ?? ""
      journal.log(.error, "Not reloaded: \(text)", id: .configurationRefused)
      // Whoever nudges us wants to see the world set right, too; as the files in force have it.
      await engine.trigger(.nudge)
    } else {
      journal.log(.info, "The files were read again; everything is looked at anew")
      await engine.configure(configuration)
    }
    let text = await statusLine()
    if !isStopping { notify.ready(text) }
    return report
  }

  /// Ends the actions under way, or hands them over to the next start, and closes everything.
  func stop(within limit: Duration) async {
    isStopping = true
    notify.stopping("Finishing what is under way")
    journal.log(.info, "phoenixd is stopping", id: .stopping)
    clocks = nil
    for resource in await engine.stop(within: limit) {
      journal.log(
        .warning, "\(resource) was being changed and did not end in time; the next start looks at it anew",
        id: .handedOver, fields: [.resource: resource.description])
    }
    for loop in loops { loop.finish() }
    endedFeed.finish()
    await teller?.value
    await server?.shutdown()
    journal.log(.info, "phoenixd has stopped", id: .stopped)
  }

  private func statusLine() async -> String {
    StatusLine.render(StatusReport(await engine.report), refusal: keeper.refusal)
  }

  private static func line(for event: ClockEvent) -> JournalEvent {
    switch event {
    case .jumped(let by):
      JournalEvent(
        .warning, "The clock was set by \(by.components.seconds) s: everything is looked at anew",
        id: .clockJumped)
    case .suspended(let time):
      JournalEvent(
        .notice, "The machine slept for \(time.components.seconds) s: everything is looked at anew",
        id: .suspended)
    }
  }
}
