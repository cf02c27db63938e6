import PhoenixCore
import Testing

@testable import PhoenixSystems

@Suite("What the Docker API needs")
struct DockerDiffTests {
  private typealias Fixtures = DockerFixtures

  private func changes(_ observed: DockerAPI.Observed, _ facts: [FactKey: Reading<FactValue>]? = nil)
    -> [Change]
  {
    DockerAPI.diff(
      desired: Fixtures.desired, observed: observed, facts: Facts(facts ?? Fixtures.facts()),
      now: CertificateFixtures.now)
  }

  private func node(_ change: (inout DockerAPI.NodeState) -> Void) -> DockerAPI.Observed {
    var observed = Fixtures.right
    guard var state = observed.nodes[1001]?.value else { return observed }
    change(&state)
    observed.nodes[1001] = .known(state)
    return observed
  }

  private func door(_ change: (inout DockerAPI.DoorState) -> Void) -> DockerAPI.Observed {
    var observed = Fixtures.right
    guard var state = observed.doors[1001]?.value else { return observed }
    change(&state)
    observed.doors[1001] = .known(state)
    return observed
  }

  private func findings(_ observed: DockerAPI.Observed) -> [Finding] {
    DockerAPI.findings(desired: Fixtures.desired, observed: observed)
  }

  @Test("What is right needs nothing and tells nothing")
  func nothing() {
    #expect(changes(Fixtures.right).isEmpty)
    #expect(findings(Fixtures.right).isEmpty)
  }

  // MARK: Engines

  @Test("A dockerd on 2375 is converted: disruptive, each listener and option named")
  func exposed() throws {
    let observed = node {
      $0.engine = Fixtures.engine(["-H", "fd://", "-H", "tcp://0.0.0.0:2375"])
      $0.listeners.append(DockerAPI.Listener(address: "*", port: 2375, names: ["dockerd"], processes: [400]))
    }
    let change = try #require(changes(observed).first)
    #expect(change.resource.description == "docker-api/engine/1001" && change.risk == .disruptive)
    #expect(change.reason == "dockerd of Portainer listens on *:2375: whoever reaches it is root")
    #expect(change.hold == nil)
    #expect(
      change.fields == [
        FieldChange("listens", from: .list(["*:2375"]), to: nil),
        FieldChange("docker.service ExecStart", from: .list(["-H tcp://0.0.0.0:2375"]), to: nil),
      ])
    guard case .notReady = ready("engine", observed) else {
      Issue.record("it is ready")
      return
    }
  }

  @Test("TLS that dockerd ends itself is converted, with its options in daemon.json")
  func ownTLS() throws {
    let observed = node {
      $0.engine = Fixtures.engine([])
      $0.engine.files.files["/etc/docker/daemon.json"] = Self.file(
        #"{"hosts": ["tcp://0.0.0.0:2376", "fd://"], "tlsverify": true, "debug": true}"#)
      $0.listeners = [DockerAPI.Listener(address: "*", port: 2376, names: ["dockerd"], processes: [400])]
    }
    let change = try #require(changes(observed).first)
    #expect(change.reason.contains("ends TLS itself on *:2376"))
    #expect(change.fields.map(\.field) == ["listens", "daemon.json"])
    let node = try #require(observed.nodes[1001]?.value)
    let conversion = EngineConversion(
      DockerAPI.Engine(login: Fixtures.login, addresses: []), node, DockerAPI.Layout())
    #expect(
      conversion.files.map(\.path) == [
        "/etc/systemd/system/docker.service.d/zz-phoenix.conf", "/etc/docker/daemon.json.before-phoenix",
        "/etc/docker/daemon.json",
      ])
    #expect(conversion.files.last?.mode == FileMode(bits: 0o600))
    #expect(conversion.files.last?.text == "{\n  \"hosts\": [\n    \"fd://\"\n  ],\n  \"debug\": true\n}\n")
  }

  private static func file(_ text: String) -> ServiceFilesState.File {
    var file = ServiceFilesState.File(ServiceFile("/x", text: text))
    file.mode = FileMode(bits: 0o600)
    return file
  }

  @Test(
    "The drop-in holds what stays",
    arguments: [
      // What systemd and the kernel say is the same: the kernel is exact.
      (
        ["-H", "tcp://:2375", "--label", "a b"], ["-H", "tcp://:2375", "--label", "a", "b"], #"--label "a b""#
      ),
      // A variable hides it.
      (["-H", "fd://", "-H", "tcp://:2375", "--x=$y"], ["-H", "fd://", "$OPTS"], "-H fd:// --x=$$y"),
      // A variable hides nothing.
      (["-H", "fd://", "--debug"], ["-H", "fd://", "$OPTS", "-H", "tcp://:1"], "-H fd:// $OPTS"),
      // The unit was changed and dockerd not restarted.
      (["-H", "tcp://:2375"], ["-H", "tcp://:2375", "--new=100%"], "--new=100%%"),
    ] as [([String], [String], String)])
  func dropIn(running: [String], configured: [String], line: String) throws {
    var state = DockerAPI.NodeState(engine: Fixtures.engine(configured))
    state.engine.running = ["/usr/sbin/dockerd"] + running
    let conversion = EngineConversion(
      DockerAPI.Engine(login: Fixtures.login, addresses: []), state, DockerAPI.Layout())
    let text = try #require(conversion.files.first?.text)
    #expect(text.hasSuffix("[Service]\nExecStart=\nExecStart=/usr/sbin/dockerd \(line)\n"))
  }

  @Test("A socket unit on TCP is converted; its unix sockets stay")
  func socketUnit() throws {
    let observed = node { $0.engine.socketListens = ["/run/docker.sock", "[::]:2375"] }
    let change = try #require(changes(observed).first)
    #expect(change.fields.map(\.field) == ["docker.socket ListenStream"])
    let node = try #require(observed.nodes[1001]?.value)
    let conversion = EngineConversion(
      DockerAPI.Engine(login: Fixtures.login, addresses: []), node, DockerAPI.Layout())
    #expect(conversion.files.last?.path == "/etc/systemd/system/docker.socket.d/zz-phoenix.conf")
    #expect(conversion.files.last?.text.hasSuffix("ListenStream=\nListenStream=/run/docker.sock\n") == true)
  }

  @Test("TLS without an address opens a port of its own")
  func tlsAlone() {
    #expect(changes(node { $0.engine = Fixtures.engine(["--tlsverify"]) }).count == 1)
    #expect(changes(node { $0.engine = Fixtures.engine(["--tlsverify", "-H", "fd://"]) }).isEmpty)
  }

  @Test("A change that was begun is ended")
  func unfinishedEngine() {
    let observed = node { $0.engine.files.isUnfinished = true }
    #expect(changes(observed).map { $0.fields.map(\.field) } == [["restarted"]])
  }

  @Test("A daemon.json that cannot be understood holds the change, and is told")
  func garbledConfiguration() throws {
    let observed = node { $0.engine.files.files["/etc/docker/daemon.json"] = Self.file("{") }
    #expect(changes(observed).isEmpty)
    #expect(findings(observed).map(\.severity) == [.warning])
    let open = node {
      $0.engine = Fixtures.engine(["-H", "tcp://:2375"])
      $0.engine.files.files["/etc/docker/daemon.json"] = Self.file("{")
    }
    #expect(try #require(changes(open).first).hold?.contains("daemon.json") == true)
  }

  @Test("A port that a restart would not close is told, and dockerd left alone")
  func publishedPort() {
    let observed = node {
      $0.engine.files.files["/etc/systemd/system/docker.service.d/zz-phoenix.conf"] = Self.file("x")
      $0.listeners.append(DockerAPI.Listener(address: "*", port: 2375, names: ["dockerd"], processes: [400]))
    }
    #expect(changes(observed).isEmpty)
    #expect(findings(observed).map(\.severity) == [.error])
    #expect(findings(observed).first?.hint?.contains("docker service ls") == true)
    guard var state = observed.nodes[1001]?.value else { return }
    state.engine.otherSockets = ["docker-tcp.socket"]
    var handed = observed
    handed.nodes[1001] = .known(state)
    #expect(findings(handed).first?.message.hasSuffix("it may have it from docker-tcp.socket") == true)
  }

  @Test("Somebody else on 2375 is named and never ended")
  func foreign() {
    let observed = node {
      $0.listeners.append(
        DockerAPI.Listener(address: "0.0.0.0", port: 2375, names: ["socat"], processes: [77]))
    }
    #expect(changes(observed).isEmpty)
    #expect(findings(observed).map(\.severity) == [.warning])
    #expect(
      findings(observed).first?.message.contains("socat (pid 77) listens on 0.0.0.0:2375 in Portainer")
        == true)
  }

  @Test("A socket for everybody, and a dockerd that does not start with its guest, are told")
  func careless() {
    for mode in [0o666, 0o662] as [UInt16] {
      let found = findings(node { $0.engine.socketMode = FileMode(bits: mode) })
      #expect(found.map(\.severity) == [.error] && found.first?.message.contains("is root there") == true)
    }
    #expect(findings(node { $0.engine.socketMode = FileMode(bits: 0o660) }).isEmpty)
    let asleep = findings(
      node {
        $0.engine.unit.isEnabled = false
        $0.engine.socketListens = nil
      })
    #expect(asleep.map(\.message) == ["docker.service of Portainer is not started with its guest"])
  }

  @Test("What changes the proxy's unit is named")
  func dropIn() {
    let path = "/etc/systemd/system/phoenix-docker-proxy.service.d/override.conf"
    let observed = node { $0.proxy?.unit.dropIns = [path] }
    #expect(changes(observed).isEmpty)
    #expect(findings(observed).map(\.severity) == [.warning])
    #expect(findings(observed).first?.message.hasPrefix("\(path) of Portainer changes the unit") == true)
  }

  // MARK: The proxy

  private func admitted(_ change: Change?) -> [String] {
    change?.fields.flatMap { [$0.from, $0.to] }.compactMap {
      if case .text(let text) = $0, text.contains("unix:") { text } else { nil }
    } ?? []
  }

  @Test("A new certificate is let in beside the old one")
  func admit() throws {
    var leaves = Fixtures.leaves
    leaves[Fixtures.traefikName] = [Fixtures.leaf("2"), Fixtures.leaf("3")]
    let change = try #require(changes(Fixtures.right, Fixtures.facts(leaves)).first)
    #expect(change.resource.description == "docker-api/proxy/1001" && change.risk == .safe)
    #expect(change.reason == "traefik-client.internal.example may show another certificate")
    #expect(admitted(change).contains { $0.contains(Fixtures.leaf("3")) })
    #expect(DockerAPI.facts(of: Fixtures.right)[Self.admission] == .known(.list([Fixtures.leaf("2")])))
  }

  private static let admission = FactKey.admitted(Fixtures.traefikName, at: .dockerAPI, guest: 1001)

  @Test(
    "The old one goes when the new one was proved, and not before",
    arguments: [
      ("3", [.answered(200), .answered(200)], true), ("3", [.answered(200), .closed], false),
      ("2", [.answered(200)], false), ("3", [], false), (nil, [.untried("no curl")], false),
      ("3", [.answered(403)], false),
    ] as [(String?, [DockerAPI.Answer], Bool)])
  func remove(leaf: String?, answers: [DockerAPI.Answer], goes: Bool) {
    // Delivered is 3; the proxy still lets 2 in.
    var leaves = Fixtures.leaves
    leaves[Fixtures.traefikName] = [Fixtures.leaf("2"), Fixtures.leaf("3")]
    var observed = node { $0.proxy = Fixtures.proxy(leaves) }
    var seen = Fixtures.seen()
    seen.clients[Fixtures.traefikName] = DockerAPI.Proof(leaf: leaf.map(Fixtures.leaf), answers: answers)
    observed.doors[1001] = .known(seen)
    leaves[Fixtures.traefikName] = [Fixtures.leaf("3")]
    let changes = changes(observed, Fixtures.facts(leaves))
    #expect(
      changes.map(\.reason) == (goes ? ["an old certificate of traefik-client.internal.example may go"] : []))
    // A door that cannot be seen proves nobody.
    observed.doors[1001] = .unreadable("no route")
    #expect(self.changes(observed, Fixtures.facts(leaves)).isEmpty)
  }

  @Test("A client that is no longer declared goes at once")
  func undeclared() {
    var former = Fixtures.desired
    former.clients.append(DockerAPI.Client(name: "gone", commonName: "gone"))
    var leaves = Fixtures.leaves
    leaves["gone"] = [Fixtures.leaf("7")]
    let observed = node { $0.proxy = Fixtures.proxy(leaves, former) }
    #expect(changes(observed).map(\.reason) == ["gone is no longer declared"])
  }

  static let unreadables: [Reading<FactValue>?] = [.unreadable("no route"), .known(.text("x")), nil]

  @Test(
    "A client whose certificates cannot be read keeps what it has; the others go on", arguments: unreadables)
  func unreadableFact(reading: Reading<FactValue>?) throws {
    var leaves = Fixtures.leaves
    leaves[Fixtures.ownName] = [Fixtures.leaf("9")]
    var facts = Fixtures.facts(leaves)
    facts[.clientFingerprints(Fixtures.traefikName)] = reading
    let stopped = node { $0.proxy?.unit.active = "failed" }
    #expect(changes(stopped, facts).map(\.resource.kind) == ["proxy"])
    let wanted = try #require(need(stopped, Facts(facts)))
    let admitted = Dictionary(uniqueKeysWithValues: wanted.files.admitted.map { ($0.client.name, $0.leaves) })
    #expect(admitted[Fixtures.traefikName] == Fixtures.leaves[Fixtures.traefikName])
    #expect(admitted[Fixtures.ownName]?.contains(Fixtures.leaf("9")) == true)
  }

  @Test("Nothing is changed while neither a client's certificates nor what is let in now can be read")
  func unreadableFactAndProxy() {
    var facts = Fixtures.facts()
    facts[.clientFingerprints(Fixtures.traefikName)] = .unreadable("no route")
    let observed = node {
      $0.proxy?.loaded = nil
      $0.proxy?.files.files = [:]
    }
    #expect(changes(observed).map(\.resource.kind) == ["proxy"])
    #expect(changes(observed, facts).isEmpty)
  }

  private func need(_ observed: DockerAPI.Observed, _ facts: Facts) -> ProxyNeed? {
    guard let node = observed.nodes[1001]?.value, let door = Fixtures.desired.doors[1001] else { return nil }
    return ProxyNeed(door, Fixtures.desired, node, observed.doors[1001]?.value, facts)
  }

  @Test(
    "Who gets in although no file says so is shut out by loading the file again",
    arguments: [true, false])
  func misled(isOurs: Bool) {
    var observed = node {
      if !isOurs {
        $0.listeners = [DockerAPI.Listener(address: "*", port: 2376, names: ["socat"], processes: [77])]
      }
    }
    var seen = Fixtures.seen()
    seen.stranger = DockerAPI.Proof(leaf: Fixtures.leaf("9"), answers: [.answered(200)])
    observed.doors[1001] = .known(seen)
    let found = changes(observed).filter { $0.resource.kind == "proxy" }
    // Somebody else's process is not ended by that, and is told.
    #expect(found.map { $0.fields.map(\.field) } == (isOurs ? [["lets in"]] : []))
    #expect(findings(observed).contains { $0.severity == .error })
  }

  @Test("A file that was edited and put back is loaded again")
  func touched() {
    let found = changes(node { $0.proxy?.files.isTouched = true }).filter { $0.resource.kind == "proxy" }
    #expect(found.map { $0.fields.map(\.field) } == [["loaded"]])
  }

  @Test("A drop-in after ours that opens dockerd again is told, and dockerd is not restarted for it")
  func overruled() throws {
    var observed = node { $0.engine = Fixtures.engine(["-H", "tcp://0.0.0.0:2375"]) }
    #expect(changes(observed).first?.hold == nil)
    let engine = try #require(Fixtures.desired.engines[1001])
    var state = try #require(observed.nodes[1001]?.value)
    state.engine.files = ServiceFilesState(EngineConversion(engine, state, DockerAPI.Layout()).files)
    observed.nodes[1001] = .known(state)
    #expect(changes(observed).first?.hold?.contains("systemctl cat docker") == true)
  }

  @Test("A dockerd that reads another file, or that another unit starts, is told and left alone")
  func notOurs() {
    let open = DockerAPI.Listener(address: "*", port: 2375, names: ["dockerd"], processes: [7])
    let elsewhere = node {
      $0.engine = Fixtures.engine(["-H", "fd://", "--config-file", "/etc/docker/mine.json"])
      $0.listeners.append(open)
    }
    #expect(changes(elsewhere).first?.hold?.contains("/etc/docker/mine.json") == true)
    let quiet = node {
      $0.engine = Fixtures.engine(["-H", "fd://", "--config-file=/etc/docker/daemon.json"])
    }
    #expect(changes(quiet).isEmpty)
    let foreign = node {
      $0.engine.unit.load = "not-found"
      $0.listeners.append(open)
    }
    #expect(changes(foreign).allSatisfy { $0.resource.kind != "engine" })
    #expect(findings(foreign).contains { $0.severity == .error && $0.message.contains("not-found") })
  }

  @Test("What is on disk and not loaded is loaded, and what is loaded is what is told")
  func notLoaded() {
    let observed = node {
      $0.proxy?.loaded = DockerAPI.LoadedConfiguration(
        hash: String(repeating: "0", count: 64), admitted: [Fixtures.ownName: [Fixtures.leaf("1")]])
    }
    #expect(changes(observed).map { $0.fields.map(\.field) } == [["loaded"]])
    #expect(DockerAPI.facts(of: observed)[Self.admission] == .known(.list([])))
    #expect(ready("proxy", observed) == .notReady("its configuration is not in force yet"))
  }

  @Test("A stopped proxy lets nobody in and is started; one that could not be looked at tells nothing")
  func stopped() {
    let observed = node {
      $0.proxy?.unit = DockerAPI.UnitState(active: "inactive", isEnabled: false)
      $0.proxy?.loaded = nil
    }
    #expect(changes(observed).map { $0.fields.map(\.field) } == [["unit", "enabled"]])
    #expect(DockerAPI.facts(of: observed)[Self.admission] == .known(.list([])))
    var unseen = Fixtures.right
    unseen.nodes[1001] = .unreadable("no route")
    #expect(DockerAPI.facts(of: unseen)[Self.admission] == nil)
    #expect(changes(unseen).isEmpty)
  }

  @Test("Without nginx, its module, or the port the change is held, in plain words")
  func held() {
    func hold(_ change: (inout DockerAPI.NodeState) -> Void) -> String? {
      changes(
        node {
          $0.proxy = DockerAPI.ProxyState(
            unit: DockerAPI.UnitState(load: "not-found", active: "inactive"), program: "/usr/sbin/nginx",
            module: .builtIn, hasIPv6: false, loaded: nil, files: ServiceFilesState())
          $0.listeners = []
          change(&$0)
        }
      ).first { $0.resource.kind == "proxy" }?.hold
    }
    #expect(hold { _ in } == nil)
    #expect(hold { $0.proxy?.program = nil }?.contains("nginx is not installed") == true)
    #expect(hold { $0.proxy?.module = .missing }?.contains("stream module") == true)
    let socat = DockerAPI.Listener(address: "*", port: 2376, names: ["socat"], processes: [9])
    #expect(
      hold { $0.listeners = [socat] }
        == "socat (pid 9) listens on *:2376 in Portainer; it is not ours: stop it")
    let dockerd = DockerAPI.Listener(address: "*", port: 2376, names: ["dockerd"], processes: [9])
    #expect(hold { $0.listeners = [dockerd] }?.contains("converted first") == true)
  }

  // MARK: What is served

  @Test("What is served is compared with what was delivered")
  func served() {
    #expect(
      changes(door { $0.fingerprints = ["other"] }).map(\.reason) == [
        "another certificate is served than was delivered"
      ])
    #expect(changes(door { $0.fingerprints = ["served", "other"] }).count == 1)
    #expect(changes(node { $0.proxy?.refused = "g2" }).map { $0.fields.map(\.field) } == [["generation"]])
    var facts = Fixtures.facts()
    facts[FactKey("certificate.fingerprint", of: "docker-daemon.internal.example")] = .unreadable("no route")
    #expect(changes(door { $0.fingerprints = ["other"] }, facts).isEmpty)
  }

  private func changes(_ observed: DockerAPI.Observed, _ facts: [FactKey: Reading<FactValue>]) -> [Change] {
    changes(observed, Optional(facts))
  }

  @Test("Whoever gets in and should not is an error, and the door not ready")
  func exposures() {
    let wrong: [(String, (inout DockerAPI.DoorState) -> Void)] = [
      ("answers without a client certificate", { $0.nobody = [.closed, .answered(200)] }),
      (
        "answers gateway, which is not declared for it", { $0.stranger?.answers = [.answered(200), .closed] }
      ),
      ("answers without TLS (with HTTP status 400)", { $0.plaintext = .answered(400) }),
      ("answers everybody on 10.0.0.111:2375", { $0.plainPort["10.0.0.111"] = .answered(200) }),
      ("10.0.0.111:2375 of Portainer is open", { $0.plainPort["10.0.0.111"] = .closed }),
    ]
    for (message, change) in wrong {
      let observed = door(change)
      let findings = findings(observed)
      #expect(findings.map(\.severity) == [.error], "\(message)")
      #expect(findings.first?.message.contains(message) == true, "\(findings)")
      #expect(ready("served", observed) == .notReady(findings.first?.message ?? ""))
    }
  }

  @Test("A declared client that does not get in is a warning; one that could not be tried is a note")
  func refusedClients() {
    let refused = door { $0.clients[Fixtures.traefikName]?.answers = [.closed, .closed] }
    #expect(findings(refused).map(\.severity) == [.warning])
    let untried = door {
      $0.clients[Fixtures.traefikName]?.answers = [.untried("no curl"), .untried("no curl")]
    }
    #expect(findings(untried).map(\.severity) == [.note])
    let own = door { $0.clients[Fixtures.ownName]?.answers = [.closed] }
    guard case .notReady = ready("served", own) else {
      Issue.record("it is ready")
      return
    }
    let filtered = door {
      $0.stranger?.answers = [.unreachable("no answer in time"), .unreachable("no answer in time")]
    }
    #expect(findings(filtered).map(\.severity) == [.note])
  }

  private func ready(_ kind: String, _ observed: DockerAPI.Observed) -> Readiness {
    DockerAPI.ready(ResourceID(.dockerAPI, kind, "1001"), desired: Fixtures.desired, observed: observed)
  }

  // MARK: Out of the files

  @Test("The example's nodes and clients")
  func compile() {
    let compiled = LawExample.compile(DockerAPI.self)
    #expect(
      compiled.resources.map { "\($0.id) <- \($0.requires.map(\.description).joined(separator: ", "))" } == [
        "docker-api/engine/1001 <- ", "docker-api/engine/1002 <- ",
        "docker-api/proxy/1001 <- certificates/certificate/docker-daemon.internal.example",
        "docker-api/served/1001 <- docker-api/proxy/1001, certificates/certificate/docker-daemon.internal.example",
      ])
    #expect(compiled.findings.isEmpty)
    #expect(
      compiled.desired.clients.map(\.name) == [
        "phoenix-client.internal.example", "portainer-client.internal.example",
        "traefik-client.internal.example",
      ])
    // Beside Traefik's client, where the firewall lets packets through to the door.
    #expect(compiled.desired.stranger?.home?.login.guest == 102)
    #expect(compiled.desired.doors[1001]?.rootPath == "/etc/phoenix-docker/tls/root.crt")
  }
}
