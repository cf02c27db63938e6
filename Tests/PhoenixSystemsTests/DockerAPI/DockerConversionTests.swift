import FoundationEssentials
import PhoenixCore
import PhoenixHost
import Testing

@testable import PhoenixSystems

/// With the real scripts; systemd and dockerd are stand-ins (Fixtures/docker_guest.py).
@Suite("A dockerd that is taken off TCP", .timeLimit(.minutes(5)))
struct DockerConversionTests {
  /// Ways in which a dockerd listens on TCP, `PORT` for the port.
  static let ways = [
    Way("arguments", arguments: "-H fd:// -H tcp://127.0.0.1:PORT --label \"a b\" --log-opt tag={{.Name}}%%"),
    Way(
      "variable", arguments: "-H fd:// $DOCKER_OPTS", variable: "--host=tcp://127.0.0.1:PORT --label 'c d'"),
    Way("daemon.json", arguments: "", daemonJSON: #"{"hosts": ["tcp://127.0.0.1:PORT"], "debug": true}"#),
    Way(
      "socket", arguments: "-H fd://", socket: "ListenStream=/run/docker.sock\nListenStream=127.0.0.1:PORT"),
  ]

  struct Way: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let arguments: String
    var variable = ""
    var daemonJSON: String?
    var socket: String?

    init(
      _ name: String, arguments: String, variable: String = "", daemonJSON: String? = nil,
      socket: String? = nil
    ) {
      testDescription = name
      self.arguments = arguments
      self.variable = variable
      self.daemonJSON = daemonJSON
      self.socket = socket
    }

    func world() async throws -> DockerWorld {
      // The world chooses its port when it is made, so that dockerd is started anew with it.
      let world = try await DockerWorld(
        hasDoor: false, socket: socket == nil ? nil : "ListenStream=/run/docker.sock")
      func filled(_ text: String) -> String {
        text.split(separator: "PORT", omittingEmptySubsequences: false).joined(
          separator: "\(world.layout.plainPort)")
      }
      let directory = world.directory
      try directory.write(
        "[Service]\nExecStart=/usr/sbin/dockerd \(filled(arguments))\n", to: "units/docker.service",
        mode: 0o644)
      try directory.write(filled(variable), to: "docker.env")
      if let daemonJSON { try directory.write(filled(daemonJSON), to: "daemon.json", mode: 0o640) }
      if let socket {
        try directory.write("[Socket]\n\(filled(socket))\n", to: "units/docker.socket", mode: 0o644)
      }
      try await world.systemctl("daemon-reload")
      try await world.systemctl("restart", "docker.service")
      return world
    }
  }

  private func isOpen(_ world: DockerWorld) async throws -> Bool {
    try await world.curl("http://127.0.0.1:\(world.layout.plainPort)/_ping", as: nil).0 == 0
  }

  private func expectConverted(_ world: DockerWorld, _ note: Comment? = nil) async throws {
    #expect(try await !isOpen(world), note)
    #expect(await world.changes().isEmpty, note)
    #expect(await world.ready("engine") == .ready, note)
    #expect(world.directory.names(in: "memory/docker-engine/before").isEmpty, note)
    #expect(world.directory.allFiles().allSatisfy { !$0.hasSuffix(".phoenix-new") }, note)
  }

  @Test("Whatever opened it, it is closed, and everything else is as before", arguments: ways)
  func converted(way: Way) async throws {
    let world = try await way.world()
    #expect(try await isOpen(world))
    let changes = try await world.pass()
    #expect(changes.map(\.risk) == [.disruptive])
    try await expectConverted(world)
    let running = try #require(await world.engine?.running)
    switch way.testDescription {
    case "arguments":
      #expect(running.dropFirst() == ["-H", "fd://", "--label", "a b", "--log-opt", "tag={{.Name}}%"])
    case "variable": #expect(running.dropFirst() == ["-H", "fd://", "--label", "c d"])
    case "daemon.json":
      #expect(running.count == 1)
      #expect(try world.directory.text("daemon.json") == "{\n  \"debug\": true\n}\n")
      #expect(world.directory.mode("daemon.json") == 0o640)
      #expect(try world.directory.text("daemon.json.before-phoenix").contains("hosts"))
    default: #expect(await world.engine?.socketListens == ["/run/docker.sock"])
    }
    // Nothing is written, and nothing restarted, again.
    let (files, starts) = (try world.directory.marks(of: "units"), world.starts)
    try await world.pass()
    #expect(try world.directory.marks(of: "units") == files && world.starts == starts)
  }

  @Test("A dockerd that does not start with it gets back what it had, and runs")
  func restored() async throws {
    let world = try await Self.ways[2].world()
    let before = try world.directory.text("daemon.json")
    // It fails once, at the conversion, and not at the restoration.
    try world.world.guest.install(
      "curl",
      """
      if [ -e '\(world.directory.path)/units/docker.service.d/zz-phoenix.conf' ]; then echo 000; exit 7; fi
      exec /usr/bin/curl "$@"

      """)
    try world.world.guest.install("sleep", "exit 0\n")
    let failure = try await world.failure()
    #expect(failure.got.contains("does not answer"))
    #expect(failure.persistence == .transient)
    #expect(try world.directory.text("daemon.json") == before)
    #expect(world.directory.names(in: "units/docker.service.d").isEmpty)
    #expect(await world.engine?.answers == true)
    #expect(await world.engine?.files.isUnfinished == false)
    #expect(await world.changes().count == 1)
  }

  /// `sync` is called after each step of the install, systemctl at each step of the load.
  static let deaths =
    (1...7).map { "sync \($0)" } + ["daemon-reload", "stop", "restart"].map { "die-at \($0)" }

  @Test("Killed anywhere, it is seen and ended", arguments: deaths)
  func killed(death: String) async throws {
    let world = try await Self.ways[2].world()
    if death.hasPrefix("sync") {
      try world.directory.write(String(death.dropFirst("sync ".count)), to: "syncs")
    } else {
      try world.fault(death)
    }
    let wasKilled = (try? await world.failure()) != nil
    // Without a socket unit nothing is stopped.
    #expect(wasKilled == (death != "die-at stop"))
    if wasKilled {
      let look = await world.look()
      #expect(look.nodes[DockerWorld.manager]?.value?.engine.files.isUnfinished == true)
      let changes = DockerAPI.diff(
        desired: world.desired, observed: look, facts: Facts(), now: world.world.clock.now)
      #expect(changes.map(\.resource.kind) == ["engine"])
      guard case .notReady = await world.ready("engine") else {
        Issue.record("it is ready")
        return
      }
      try await world.pass()
    }
    try await expectConverted(world)
    #expect(try world.directory.text("daemon.json.before-phoenix").contains("hosts"))
  }

  @Test("A dockerd on its socket is left alone, and its files too")
  func untouched() async throws {
    let world = try await DockerWorld(hasDoor: false, daemonJSON: #"{"debug":true}"#)
    let (files, starts) = (try world.directory.marks(of: "units"), world.starts)
    #expect(try await world.pass().isEmpty)
    #expect(try world.directory.marks(of: "units") == files && world.starts == starts)
    #expect(await world.ready("engine") == .ready)
  }

  @Test("A guest that does not answer is unreadable, and nothing is done to it")
  func silent() async throws {
    let world = try await Self.ways[0].world()
    world.world.guest.fault.withLock {
      $0 = { _ throws(Failure) in throw Failure(.transient, doing: "connect", got: "no route to host") }
    }
    #expect(await world.changes().isEmpty)
    guard case .unreadable = await world.ready("engine") else {
      Issue.record("it is readable")
      return
    }
  }
}
