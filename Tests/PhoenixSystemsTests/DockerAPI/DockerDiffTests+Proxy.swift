import PhoenixCore
import Testing

@testable import PhoenixSystems

/// The proxy before it.
extension DockerDiffTests {
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

  @Test("One that hangs is started anew when that is allowed, and nothing is said of whom it lets in")
  func hanging() throws {
    let observed = node {
      $0.proxy?.loaded = nil
      $0.proxy?.hangs = true
    }
    let change = try #require(changes(observed).first { $0.resource.kind == "proxy" })
    #expect(change.fields.map(\.field) == ["answers"] && change.risk == .disruptive && change.hold == nil)
    #expect(
      DockerAPI.facts(of: observed)[Self.admission]?.unreadableReason?.contains("does not answer") == true)
    #expect(
      DockerAPI.ready(change.resource, desired: Fixtures.desired, observed: observed)
        == .notReady("the proxy does not answer within 5 s"))
  }

  private static let admission = FactKey.admitted(Fixtures.traefikName, at: .dockerAPI, guest: 1001)

  @Test(
    "The old one goes when the new one was proved, and not before",
    arguments: [
      ("3", [.answered(200), .answered(200)], true), ("3", [.answered(200), .closed], false),
      ("2", [.answered(200)], false), ("3", [], false), (nil, [.untried("no curl")], false),
      ("3", [.answered(403)], false),
    ] as [(String?, [ProbeAnswer], Bool)])
  func remove(leaf: String?, answers: [ProbeAnswer], goes: Bool) {
    // Delivered is 3; the proxy still lets 2 in.
    var leaves = Fixtures.leaves
    leaves[Fixtures.traefikName] = [Fixtures.leaf("2"), Fixtures.leaf("3")]
    var observed = node { $0.proxy = Fixtures.proxy(leaves) }
    var seen = Fixtures.seen()
    seen.clients[Fixtures.traefikName] = CertificateProof(leaf: leaf.map(Fixtures.leaf), answers: answers)
    observed.doors[1001] = .known(seen)
    leaves[Fixtures.traefikName] = [Fixtures.leaf("3")]
    let changes = changes(observed, Fixtures.facts(leaves))
    #expect(
      changes.map(\.reason) == (goes ? ["an old certificate of traefik-client.internal.example may go"] : []))
    // A door that cannot be seen proves nobody.
    observed.doors[1001] = .unreadable("no route")
    #expect(self.changes(observed, Fixtures.facts(leaves)).isEmpty)
  }

  @Test("Whoever was written into the proxy's file is no client, whatever cannot be proved or read meanwhile")
  func forged() throws {
    let name = Fixtures.traefikName
    var leaves = Fixtures.leaves
    leaves[name]?.append(Fixtures.leaf("e"))
    var observed = node { $0.proxy = Fixtures.proxy(leaves) }
    var seen = Fixtures.seen()
    seen.clients[name] = CertificateProof(leaf: nil, answers: [.untried("no curl")])
    observed.doors[1001] = .known(seen)
    #expect(changes(observed).map(\.reason) == ["an old certificate of \(name) may go"])
    var facts = Fixtures.facts()
    facts[.clientFingerprints(name)] = .unreadable("no route")
    #expect(changes(observed, facts).map(\.reason) == ["an old certificate of \(name) may go"])
    let wanted = try #require(need(observed, Facts(facts)))
    #expect(wanted.files.admitted.first { $0.client.name == name }?.leaves == Fixtures.leaves[name])
    // Nothing is done where it is not known either what was issued, as after the loss of the state directory.
    for reading in [.unreadable("no disk"), .absent] as [Reading<FactValue>] {
      facts[.recordedFingerprints(name)] = reading
      #expect(changes(observed, facts).isEmpty)
    }
    var published = Fixtures.facts()
    published[.recordedFingerprints(name)] = .absent
    #expect(changes(observed, published).isEmpty, "clients are not locked out")
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
    seen.nobody = [.answered(200), .answered(200)]
    observed.doors[1001] = .known(seen)
    let found = changes(observed).filter { $0.resource.kind == "proxy" }
    // Somebody else's process is not ended by that, and is told.
    #expect(found.map { $0.fields.map(\.field) } == (isOurs ? [["lets in"]] : []))
    #expect(findings(observed).contains { $0.severity == .error })
  }

  @Test("What a guest says of a certificate that is not declared is told, and nothing is loaded for it")
  func strangersWord() {
    var observed = Fixtures.right
    var seen = Fixtures.seen()
    seen.stranger = CertificateProof(leaf: Fixtures.leaf("9"), answers: [.answered(200)])
    observed.doors[1001] = .known(seen)
    #expect(changes(observed).isEmpty)
    #expect(findings(observed).map(\.severity) == [.error])
  }

  @Test("A file that was edited and put back is loaded again")
  func touched() {
    let found = changes(node { $0.proxy?.files.isTouched = true }).filter { $0.resource.kind == "proxy" }
    #expect(found.map { $0.fields.map(\.field) } == [["loaded"]])
  }

  @Test(
    "A proxy that runs otherwise than its unit says is started anew; while a drop-in changes the unit, that is told",
    arguments: [
      (true, "/usr/sbin/nginx -e stderr -c /etc/phoenix-docker/nginx.conf", [], false),
      (false, "/usr/sbin/nginx -e stderr -c /etc/phoenix-docker/nginx.conf", [], true),
      (true, "/usr/sbin/nginx -e stderr -c /tmp/open.conf", [], true),
      (true, "/usr/sbin/nginx -e stderr -c /tmp/open.conf", ["/etc/x.conf"], false),
    ])
  func startedOtherwise(isConfined: Bool, command: String, dropIns: [String], isWrong: Bool) {
    let observed = node {
      $0.proxy?.process = DockerAPI.ProxyProcess(
        isConfined: isConfined, title: "nginx: master process \(command)")
      $0.proxy?.unit.dropIns = dropIns
    }
    let found = changes(observed).filter { $0.resource.kind == "proxy" }
    #expect(found.map { $0.fields.map(\.field) } == (isWrong ? [["process"]] : []))
    #expect(findings(observed).contains { $0.message.contains("/etc/x.conf") } == !dropIns.isEmpty)
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
    let open = DockerAPI.Listener(address: "*", port: 2375, names: ["dockerd"], processes: [400])
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
    let dockerd = DockerAPI.Listener(address: "*", port: 2376, names: ["dockerd"], processes: [400])
    #expect(hold { $0.listeners = [dockerd] }?.contains("converted first") == true)
  }
}
