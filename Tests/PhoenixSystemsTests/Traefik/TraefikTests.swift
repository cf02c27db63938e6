import FoundationEssentials
import PhoenixCore
import PhoenixNetwork
import Testing

@testable import PhoenixSystems

/// With a Traefik that really serves: a stand-in everywhere, Traefik itself where PHOENIX_TEST_TRAEFIK names it.
@Suite("A Traefik that takes its files up", .timeLimit(.minutes(5)))
struct TraefikTests {
  typealias Kind = TraefikWorld.Kind

  @Test(
    "From nothing: both files, a running Traefik, the delivered certificate; then nothing is wanted",
    arguments: Kind.available)
  func fromNothing(kind: Kind) async throws {
    let world = try await TraefikWorld(kind)
    let leaf = try await world.deliver()
    let changes = try await world.pass()
    #expect(
      changes.map(\.resource.description) == ["traefik/dynamic/101", "traefik/static/101"])
    #expect(changes.allSatisfy { $0.risk == .safe })
    #expect(await eventually { await world.served() == [leaf.sha256] })
    #expect(await eventually { await world.changes().isEmpty })
    let facts = Traefik.facts(of: await world.look())
    let sha1 = try await TraefikWorld.leaf(world.gateway).sha1
    #expect(
      facts[.admitted(TraefikWorld.gatewayClient, at: .traefik, guest: 101)] == .known(.list([sha1])))
    let marks = try world.directory.marks(of: "traefik")
    #expect(try await world.pass().isEmpty)
    #expect(try world.directory.marks(of: "traefik") == marks)
    #expect(world.starts == 1)
  }

  @Test(
    "A file beside ours that lets in any certificate is seen by showing one that is not declared",
    arguments: Kind.available)
  func undeclared(kind: Kind) async throws {
    let world = try await TraefikWorld(kind)
    try await world.deliver()
    try await world.pass()
    #expect(await eventually { await world.look().stranger?.answers == [.closed, .closed] })
    // The stand-in reads our file only.
    guard kind == .real else { return }
    try world.directory.write(
      "tls:\n  options:\n    default:\n      clientAuth:\n        clientAuthType: RequireAnyClientCert\n",
      to: "traefik/dynamic/00-user.yml")
    #expect(await eventually { await world.look().stranger?.status != nil })
    let observed = await world.look()
    #expect(observed.answersStrangers == .known(false), "who shows none stays outside")
    let findings = Traefik.findings(desired: world.desired, observed: observed)
    #expect(
      findings.contains {
        $0.severity == .error && $0.message.contains("answers traefik-client.internal.example on 127.0.0.1")
      })
  }

  @Test("A file beside ours that lets everybody in is seen from outside", arguments: Kind.available)
  func foreignFile(kind: Kind) async throws {
    let world = try await TraefikWorld(kind)
    try await world.deliver()
    try await world.pass()
    #expect(await eventually { await world.look().answersStrangers == .known(false) })
    // The stand-in reads our file only.
    guard kind == .real else { return }
    try world.directory.write(
      "tls:\n  options:\n    default:\n      minVersion: VersionTLS12\n", to: "traefik/dynamic/00-user.yml")
    #expect(await eventually { await world.look().answersStrangers == .known(true) })
    let findings = Traefik.findings(desired: world.desired, observed: await world.look())
    #expect(
      findings.contains { $0.severity == .error && $0.message.contains("without a client certificate") })
  }

  @Test("Routers of others that open what should be closed are told, as Traefik itself says them")
  func strayRouters() async throws {
    guard Kind.available.contains(.real) else { return }
    let world = try await TraefikWorld(.real)
    try await world.deliver()
    try await world.pass()
    #expect(await eventually { await world.look().strays == [] })
    try world.directory.write(
      """
      tls:
        options:
          open:
            minVersion: VersionTLS12
      http:
        routers:
          open:
            rule: Host(`open.internal.example`)
            service: api@internal
            tls:
              options: open
      """, to: "traefik/dynamic/00-user.yml")
    // Traefik makes a router of each of its entry points.
    #expect(await eventually { await world.look().strays?.count == 4 })
    let findings = Traefik.findings(desired: world.desired, observed: await world.look())
    #expect(
      findings.contains { $0.severity == .error && $0.message.contains("mesh-open@file has TLS options") })
    #expect(findings.contains { $0.severity == .error && $0.message.contains("leads to api@internal") })
  }

  @Test(
    "Whoever is admitted is let in; nobody else is, whatever he shows", arguments: Kind.available)
  func admission(kind: Kind) async throws {
    let world = try await TraefikWorld(kind)
    try await world.deliver()
    try await world.pass()
    #expect(await eventually { await world.ask(world.own) == .success(200) })
    #expect(await world.ask(world.gateway) == .success(200))
    let now = world.world.clock.now
    let stranger = try await StepCAServer.make()
    let others: [(String, TraefikWorld.Client?)] = [
      ("none", nil),
      (
        "another of the same authority",
        try await TraefikWorld.client(of: world.world.authority, "other.internal.example")
      ),
      (
        "the same name with another key",
        try await TraefikWorld.client(of: world.world.authority, TraefikWorld.ownClient)
      ),
      ("another authority's", try await TraefikWorld.client(of: stranger, TraefikWorld.ownClient)),
      (
        "for servers only",
        try await TraefikWorld.client(of: world.world.authority, "s.internal.example", usage: "serverAuth")
      ),
      (
        "expired",
        try await TraefikWorld.client(
          of: world.world.authority, "e.internal.example", notBefore: now + .seconds(-7200),
          notAfter: now + .seconds(-3600))
      ),
    ]
    for (name, client) in others {
      guard case .failure = await world.ask(client) else {
        Issue.record("\(name) is let in")
        continue
      }
      // TLS 1.2 tells a refusal within the handshake.
      let target = TLSProbe.Target(
        address: "127.0.0.1", port: UInt16(world.meshPort), serverName: "traefik.internal.example")
      let served = try await TLSProbe.handshake(
        target, trust: TLSTrust(rootsPEM: world.world.authority.root.pem), identity: client?.identity,
        tls12Only: true)
      #expect(served.distrust == nil)
      #expect(served.refusal != nil, "\(name) is let in by TLS 1.2")
    }
  }

  @Test("An expired leaf is refused although it is on the list", arguments: Kind.available)
  func expired(kind: Kind) async throws {
    let world = try await TraefikWorld(kind)
    let now = world.world.clock.now
    let old = try await TraefikWorld.client(
      of: world.world.authority, TraefikWorld.gatewayClient, notBefore: now + .seconds(-7200),
      notAfter: now + .seconds(-3600))
    try await world.admit(TraefikWorld.gatewayClient, old, world.gateway)
    try await world.deliver()
    try await world.pass()
    #expect(await eventually { await world.ask(world.gateway) == .success(200) })
    guard case .failure = await world.ask(old) else {
      Issue.record("it is let in")
      return
    }
  }

  @Test("A name that nobody serves gets no certificate at all", .enabled(if: TraefikWorld.program != nil))
  func unknownName() async throws {
    let world = try await TraefikWorld(.real)
    try await world.deliver()
    try await world.pass()
    #expect(await eventually { await world.ask(world.own) == .success(200) })
    let target = TLSProbe.Target(
      address: "127.0.0.1", port: UInt16(world.meshPort), serverName: "unknown.example")
    await #expect(throws: TransportError.self) {
      _ = try await TLSProbe.handshake(
        target, trust: TLSTrust(rootsPEM: world.world.authority.root.pem), identity: world.own.identity)
    }
  }

  @Test(
    "A client's next leaf is let in beside the old one, and the old one goes when it is no longer published",
    arguments: Kind.available)
  func rotation(kind: Kind) async throws {
    let world = try await TraefikWorld(kind)
    try await world.deliver()
    try await world.pass()
    let next = try await TraefikWorld.client(of: world.world.authority, TraefikWorld.gatewayClient)
    try await world.admit(TraefikWorld.gatewayClient, world.gateway, next)
    let changes = try await world.pass()
    #expect(changes.map(\.resource.description) == ["traefik/dynamic/101"])
    let key = FactKey.admitted(TraefikWorld.gatewayClient, at: .traefik, guest: 101)
    let both = [try await TraefikWorld.leaf(world.gateway).sha1, try await TraefikWorld.leaf(next).sha1]
    #expect(Traefik.facts(of: await world.look())[key] == .known(.list(both)))
    #expect(await world.ask(world.gateway) == .success(200))
    #expect(await world.ask(next) == .success(200))
    try await world.admit(TraefikWorld.gatewayClient, next)
    try await world.pass()
    #expect(await world.ask(next) == .success(200))
    guard case .failure = await world.ask(world.gateway) else {
      Issue.record("the old one is still let in")
      return
    }
    #expect(world.starts == 1)
  }

  @Test("A renewed certificate is served without a restart", arguments: Kind.available)
  func renewed(kind: Kind) async throws {
    let world = try await TraefikWorld(kind)
    try await world.deliver()
    try await world.pass()
    let leaf = try await world.deliver()
    let changes = try await world.pass()
    #expect(changes.allSatisfy { $0.risk == .safe })
    #expect(await eventually { await world.served() == [leaf.sha256] })
    #expect(world.starts == 1)
  }

  @Test(
    "Renewed many times under load, no request is lost and no other certificate is ever shown",
    .enabled(if: TraefikWorld.program != nil))
  func load() async throws {
    let world = try await TraefikWorld(.real)
    var delivered: Set<String> = [try await world.deliver().sha256]
    try await world.pass()
    #expect(await eventually { await world.ask(world.own) == .success(200) })
    let isOver = Lock(false)
    async let shown: Set<String> = {
      var shown: Set<String> = []
      let target = TLSProbe.Target(
        address: "127.0.0.1", port: UInt16(world.meshPort), serverName: "traefik.internal.example")
      while !isOver.withLock({ $0 }) {
        let served = try? await TLSProbe.handshake(target, trust: TLSTrust(rootsPEM: ""))
        shown.insert(served?.chain.leaf.sha256 ?? "none")
      }
      return shown
    }()
    async let answers: [String] = {
      var troubles: [String] = []
      while !isOver.withLock({ $0 }) {
        let answer = await world.ask(world.gateway)
        if answer != .success(200) { troubles.append("\(answer)") }
      }
      return troubles
    }()
    for _ in 0..<8 {
      let leaf = try await world.deliver()
      delivered.insert(leaf.sha256)
      try await world.pass()
      #expect(await eventually { await world.served() == [leaf.sha256] })
    }
    isOver.withLock { $0 = true }
    let (seen, troubles) = (await shown, await answers)
    #expect(seen.isSubset(of: delivered) && seen.count > 4)
    #expect(troubles == [])
    #expect(world.starts == 1)
  }

  @Test("A certificate beside another's key is not put in force", arguments: Kind.available)
  func halfPair(kind: Kind) async throws {
    let world = try await TraefikWorld(kind)
    let old = try await world.deliver()
    try await world.pass()
    try await world.deliver()
    let generation = try #require(
      (await world.facts())[FactKey("certificate.generation", of: world.wanted.place.name)].value)
    guard case .text(let name) = generation else { return }
    let text = try world.directory.text("traefik/dynamic/phoenix.yml")
    let key = "base/traefik.internal.example/generations/\(name)/key.pem"
    // It fitted when it was delivered; what is put in force is looked at again.
    let facts = await world.facts()
    try PrivateKey.generate().pem.reveal { try world.directory.write($0, to: key) }
    let observed = await world.look()
    let change = try #require(
      Traefik.diff(desired: world.desired, observed: observed, facts: facts, now: world.world.clock.now)
        .first { $0.resource.kind == "dynamic" })
    let failure = await #expect(throws: Failure.self) {
      try await world.traefik.apply(change, desired: world.desired, observed: observed, facts: facts)
    }
    #expect(failure?.got.contains("do not belong together") == true)
    #expect(try world.directory.text("traefik/dynamic/phoenix.yml") == text)
    #expect(await world.served() == [old.sha256])
  }

  @Test(
    "A dynamic file that was cut off, garbled or removed is put back", arguments: Kind.available,
    ["", "tls: [", nil] as [String?])
  func healed(kind: Kind, spoiled: String?) async throws {
    let world = try await TraefikWorld(kind)
    let leaf = try await world.deliver()
    try await world.pass()
    let path = "traefik/dynamic/phoenix.yml"
    let text = try world.directory.text(path)
    if let spoiled {
      try world.directory.write(spoiled, to: path, mode: 0o644)
    } else {
      try FileManager.default.removeItem(atPath: world.directory.file(path))
    }
    try await Task.sleep(for: .seconds(1))
    let changes = try await world.pass()
    #expect(changes.contains { $0.resource.description == "traefik/dynamic/101" })
    #expect(try world.directory.text(path) == text)
    #expect(await eventually { await world.served() == [leaf.sha256] })
    #expect(await eventually { await world.changes().isEmpty })
    #expect(world.starts == 1)
  }

  @Test(
    "A Traefik that was stopped is started; one that does not start leaves no file behind",
    arguments: Kind.available)
  func stopped(kind: Kind) async throws {
    let world = try await TraefikWorld(kind)
    let leaf = try await world.deliver()
    try world.directory.write("start-fails", to: "fault")
    let failure = try await world.failure()
    #expect(failure.persistence == .transient)
    #expect(world.directory.names(in: "traefik") == ["dynamic"])
    try FileManager.default.removeItem(atPath: world.directory.file("fault"))
    try await world.pass()
    try await world.systemctl("stop")
    let changes = await world.changes()
    #expect(changes.last?.fields.map(\.field) == ["traefik"])
    try await world.pass()
    #expect(await eventually { await world.served() == [leaf.sha256] })
    #expect(world.starts == 2)
  }

  @Test("A changed static file is disruptive, and restarts it", arguments: Kind.available)
  func fixed(kind: Kind) async throws {
    let world = try await TraefikWorld(kind)
    try await world.deliver()
    try await world.pass()
    let text = try world.directory.text("traefik/traefik.yml")
    try world.directory.write(text + "# mine\n", to: "traefik/traefik.yml", mode: 0o644)
    let changes = try await world.pass()
    #expect(changes.map(\.risk) == [.disruptive])
    #expect(try world.directory.text("traefik/traefik.yml") == text)
    #expect(await eventually { await world.changes().isEmpty })
    #expect(world.starts == 2)
  }

  @Test("An API that answers nonsense is unreadable, and the files are still kept")
  func garbage() async throws {
    let world = try await TraefikWorld(.standIn)
    try await world.deliver()
    try await world.pass()
    for text in ["", "nonsense", "{}", "[{}]", "[1]", String(repeating: "[", count: 5000)] {
      try world.directory.write(text, to: "traefik/traefik.yml.garbage")
      let look = await world.look()
      #expect(look.loaded?.unreadableReason != nil, "\(text.prefix(20))")
      #expect(look.routers["echo"]?.unreadableReason != nil)
      #expect(await world.changes().isEmpty)
    }
    try world.directory.write("", to: "traefik/dynamic/phoenix.yml", mode: 0o644)
    #expect(await world.changes().map(\.resource.description) == ["traefik/dynamic/101"])
  }

  @Test("A guest that does not answer is unreadable, and nothing is done to it")
  func silentGuest() async throws {
    let world = try await TraefikWorld(.standIn)
    try await world.deliver()
    try await world.pass()
    try await world.systemctl("stop")
    world.world.guest.fault.withLock {
      $0 = { _ throws(Failure) in
        throw Failure(.transient, doing: "connect", got: "no route to host", endpoint: "ssh://root@127.0.0.1")
      }
    }
    let look = await world.look()
    #expect(look.guest?.unreadableReason != nil)
    #expect(
      Traefik.diff(
        desired: world.desired, observed: look, facts: await world.facts(), now: world.world.clock.now
      )
      .allSatisfy { $0.resource.kind == "served" })
  }

  @Test("Nothing is written before a client has a certificate")
  func noClients() async throws {
    let world = try await TraefikWorld(.standIn)
    try await world.deliver()
    for name in [TraefikWorld.ownClient, TraefikWorld.gatewayClient] {
      world.published.withLock {
        $0[.clientLeaves(name)] = .absent
        $0[.clientFingerprints(name)] = .absent
      }
    }
    let failure = try await world.failure()
    #expect(failure.got.contains("none of its clients has a certificate yet"))
    #expect(!world.directory.names().contains("traefik"))
  }
}
