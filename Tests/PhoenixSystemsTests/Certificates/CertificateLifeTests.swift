import FoundationEssentials
import Glibc
import PhoenixCore
import PhoenixHost
import PhoenixNetwork
import Testing

@testable import PhoenixSystems

/// The life of certificates at a real step-ca, in a guest whose shell is this machine's.
@Suite("Certificates at a real authority", .enabled(if: StepCAServer.program != nil), .timeLimit(.minutes(5)))
struct CertificateLifeTests {
  /// Lends a running authority and a world around it.
  private func withWorld(
    _ options: StepCAServer.Options = StepCAServer.Options(),
    _ body: (CertificateWorld, StepCAServer) async throws -> Void
  ) async throws {
    let authority = try await StepCAServer.make(options)
    let server = try await authority.start()
    let world = try CertificateWorld(authority)
    try await body(world, authority)
    await world.client.shutdown()
    await server.stop()
  }

  private func posts(_ authority: StepCAServer) -> [String] {
    authority.requests.filter { $0.hasPrefix("POST") }
  }

  // MARK: Issue

  @Test("What is missing is issued, with its owner, its permissions and its root; then nothing is wanted")
  func isIssued() async throws {
    try await withWorld { world, authority in
      let system = world.certificates()
      let mark = world.guest.directory.file("hooked")
      let wanted = world.wanted(
        hook: ["/bin/sh", "-c", "cat /tmp/cert.pem /tmp/key.pem /tmp/ca.pem | grep -c BEGIN >> \(mark)"],
        mode: FileMode(bits: 0o600))
      let desired = world.desired(wanted)

      let changes = try await world.pass(system, desired)
      #expect(changes.map(\.kind) == [.create])
      let chain = try world.pair(wanted)
      #expect(chain.leaf.names.map(\.description).sorted() == wanted.names)
      #expect(chain.intermediates.count == 1)
      let root = try CertificateChain.parse(
        String(decoding: Data(contentsOf: URL(filePath: wanted.place.rootPath ?? "")), as: UTF8.self))
      #expect(root.map(\.sha256) == [authority.root.sha256])
      #expect(world.guest.directory.mode("etc/nginx.internal.example.key") == 0o600)
      #expect(world.guest.directory.mode("etc/nginx.internal.example.crt") == 0o644)
      #expect(posts(authority) == ["POST /sign 201"])
      // Once, with its own copies of certificate, intermediate, key and root, of which nothing is left.
      #expect(try world.guest.directory.text("hooked") == "4\n")
      #expect(!FileManager.default.fileExists(atPath: "\(wanted.place.base)/.hook"))

      let files = world.guest.directory.allFiles()
      let state = world.state.allFiles()
      let count = world.guest.commands.count
      #expect(try await world.pass(system, desired).isEmpty)
      #expect(world.guest.commands.count == count + 2)  // two looks
      #expect(world.guest.directory.allFiles() == files)
      #expect(world.state.allFiles() == state)
      #expect(authority.count("/sign") == 1)
    }
  }

  @Test("A wildcard, an address and a client are issued like any other")
  func kinds() async throws {
    try await withWorld { world, _ in
      let wanted = [
        world.wanted("*.internal.example", names: []), world.wanted("10.0.0.153", names: ["fd00::1"]),
        world.wanted("client.internal.example", names: [], use: .client, withRoot: false),
      ]
      try await world.pass(world.certificates(), world.desired(wanted))
      for wanted in wanted { try world.pair(wanted) }
    }
  }

  @Test("A lifetime of the manifest is asked for")
  func lifetime() async throws {
    try await withWorld { world, _ in
      let wanted = world.wanted(lifetime: .seconds(48 * 3600))
      try await world.pass(world.certificates(), world.desired(wanted))
      let leaf = try world.pair(wanted).leaf
      let life = (leaf.notAfter - leaf.notBefore).components.seconds
      #expect((48 * 3600...48 * 3600 + 120).contains(life))
    }
  }

  @Test("Many are issued a few at a time, those about to expire without waiting")
  func width() async throws {
    try await withWorld { world, authority in
      let atOnce = Lock((now: 0, most: 0))
      let shell = world.guest.shell
      let system = Certificates(
        client: world.client,
        keys: Certificates.Keys(
          password: { _ throws(Failure) in
            atOnce.withLock {
              $0.now += 1
              $0.most = max($0.most, $0.now)
            }
            try? await Task.sleep(for: .milliseconds(100))
            atOnce.withLock { $0.now -= 1 }
            return StepCAServer.password
          }, shell: { () throws(Failure) in shell }),
        stateDirectory: world.state.path, clock: world.clock.clock, width: 3)
      let desired = world.desired((0..<9).map { world.wanted("host\($0).internal.example", names: []) })
      let facts = await world.facts()
      let observed = await system.observe(.everything, desired: desired)
      let changes = Certificates.diff(
        desired: desired, observed: observed, facts: facts, now: world.clock.now)
      #expect(changes.count == 9)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for change in changes {
          group.addTask {
            try await system.apply(change, desired: desired, observed: observed, facts: facts)
          }
        }
        try await group.waitForAll()
      }
      #expect(atOnce.withLock { $0.most } == 3)
      #expect(authority.count("/sign") == 9)
      #expect(await world.changes(world.certificates(), desired).isEmpty)
    }
  }

  @Test("A wrong password is told and held; nobody is asked to sign, and the password is nowhere")
  func wrongPassword() async throws {
    try await withWorld { world, authority in
      let canary = "canary-wrong-password"
      let wanted = world.wanted()
      let failure = try await world.failure(
        world.certificates(password: Secret(canary)), world.desired(wanted))
      #expect(failure.persistence == .permanent)
      #expect(failure.description.contains("passphrase is wrong"))
      #expect(failure.hint?.contains("phoenix secret set password") == true)
      #expect(posts(authority).isEmpty)
      #expect(!"\(failure)".contains(canary))
      try expectNowhere(canary, world)
    }
  }

  @Test("Passwords, tokens and keys are nowhere but where they belong")
  func canaries() async throws {
    try await withWorld { world, _ in
      let wanted = world.wanted()
      try await world.pass(world.certificates(), world.desired(wanted))
      try StepCAServer.password.reveal { try expectNowhere($0, world) }
      let key = try String(contentsOf: URL(filePath: wanted.place.keyPath), encoding: .utf8)
      let secret = String(key.split(separator: "\n")[1])
      #expect(!world.guest.commands.contains { $0.contains(secret) })
      // Where it must be, the search finds it.
      let holders = world.state.allFiles().filter { (try? world.state.text($0))?.contains(secret) ?? false }
      #expect(holders.count == 1 && holders.allSatisfy { $0.hasSuffix(".key") })
      #expect(holders.allSatisfy { world.state.mode($0) == 0o600 })
      #expect(world.state.mode("certificates/nginx.internal.example") == 0o700)
    }
  }

  private func expectNowhere(_ secret: String, _ world: CertificateWorld) throws {
    for directory in [world.state, world.guest.directory, world.authority.directory] {
      for file in directory.allFiles() where !file.hasPrefix("db/") {
        #expect((try? directory.text(file))?.contains(secret) != true, "\(file) holds it")
      }
    }
    #expect(!world.guest.commands.contains { $0.contains(secret) })
  }

  @Test("A key that asks for a billion rounds is refused before any work")
  func rounds() async throws {
    let header = Base64URL.encode(
      Array(#"{"alg":"PBES2-HS256+A128KW","enc":"A256GCM","p2c":1000000000,"p2s":"AAAAAAAAAAAAAAAA"}"#.utf8))
    let parts = StepCAServer.encryptedKey.split(separator: ".").dropFirst()
    var options = StepCAServer.Options()
    options.encryptedKey = "\(header).\(parts.joined(separator: "."))"
    try await withWorld(options) { world, authority in
      let failure = try await world.failure(world.certificates(), world.desired(world.wanted()))
      #expect(failure.persistence == .permanent)
      #expect(failure.got.contains("1000000000 rounds"))
      #expect(posts(authority).isEmpty)
    }
  }

  @Test("The provisioner is found behind a hundred others")
  func pages() async throws {
    var options = StepCAServer.Options()
    options.extraProvisioners = 120
    try await withWorld(options) { world, authority in
      let changes = try await world.pass(world.certificates(), world.desired(world.wanted()))
      #expect(changes.count == 1)
      #expect(
        authority.requests.filter { $0.hasPrefix("GET /provisioners ") || $0.hasPrefix("GET /provisioners?") }
          .count >= 2)
    }
  }

  @Test("With a clock five minutes behind, at an authority that has just started, it is issued and told")
  func skew() async throws {
    try await withWorld { world, _ in
      world.clock.set(off: .seconds(-300))
      let wanted = world.wanted()
      try await world.pass(world.certificates(), world.desired(wanted))
      try world.pair(wanted)
      let look = await world.stepCA.observe(.everything, desired: world.desiredAuthority)
      let findings = StepCA.findings(desired: world.desiredAuthority, observed: look)
      #expect(findings.contains { $0.message.contains("behind") })
    }
  }

  @Test("With a clock ten minutes off nothing is issued", arguments: [-600, 600])
  func wrongClock(seconds: Int) async throws {
    try await withWorld { world, _ in
      world.clock.set(off: .seconds(seconds))
      let look = await world.stepCA.observe(.everything, desired: world.desiredAuthority)
      let access = try #require(world.desiredAuthority.authority)
      guard
        case .notReady(let reason) = StepCA.ready(
          access.resource, desired: world.desiredAuthority, observed: look)
      else {
        Issue.record("it is ready")
        return
      }
      #expect(reason.contains("clock"))
    }
  }

  // MARK: Renewal

  @Test("A day's certificate is left alone at 14 hours, and has a new key by 16 hours and a minute")
  func renewal() async throws {
    try await withWorld { world, authority in
      let system = world.certificates()
      let wanted = world.wanted()
      let desired = world.desired(wanted)
      _ = try await world.seed(wanted, age: .seconds(14 * 3600))
      let before = posts(authority).count
      #expect(try await world.pass(system, desired).isEmpty)
      #expect(posts(authority).count == before)

      let old = try await world.seed(wanted, age: .seconds(16 * 3600 + 60))
      let start = posts(authority).count
      let changes = try await world.pass(system, desired)
      #expect(changes.first?.reason.contains("renewal is due") == true)
      #expect(Array(posts(authority).dropFirst(start)) == ["POST /rekey 201"])
      let new = try world.pair(wanted)
      #expect(new.leaf.publicKeySHA256 != old.chain.leaf.publicKeySHA256)
      #expect(new.leaf.names == old.chain.leaf.names)
      #expect(new.notAfter > old.chain.notAfter)
      // The old key is gone from the state directory, the new one is there.
      #expect(
        world.state.names(in: "certificates/nginx.internal.example").filter { $0.hasSuffix(".key") }.count
          == 1)
    }
  }

  @Test("A certificate that has expired, as after a long suspend, is never shown: a token asks for the next")
  func expired() async throws {
    try await withWorld { world, authority in
      let wanted = world.wanted()
      _ = try await world.seed(wanted, age: .seconds(30 * 3600), byToken: false)
      try await world.pass(world.certificates(), world.desired(wanted))
      #expect(posts(authority) == ["POST /sign 201"])
      #expect(try world.pair(wanted).notAfter > world.clock.now)
    }
  }

  @Test("A revoked certificate is refused once and replaced once")
  func revoked() async throws {
    try await withWorld { world, authority in
      let wanted = world.wanted()
      let old = try await world.seed(wanted, age: .seconds(17 * 3600))
      try await authority.revoke(old.tls, serial: old.chain.leaf.serial)
      let start = posts(authority).count
      try await world.pass(world.certificates(), world.desired(wanted))
      #expect(Array(posts(authority).dropFirst(start)) == ["POST /rekey 401", "POST /sign 201"])
    }
  }

  @Test("A provisioner that renews nothing is asked once, and then by a token")
  func renewalDisabled() async throws {
    var options = StepCAServer.Options()
    options.disablesRenewal = true
    try await withWorld(options) { world, authority in
      let wanted = world.wanted()
      _ = try await world.seed(wanted, age: .seconds(17 * 3600))
      let start = posts(authority).count
      try await world.pass(world.certificates(), world.desired(wanted))
      #expect(Array(posts(authority).dropFirst(start)) == ["POST /rekey 401", "POST /sign 201"])
    }
  }

  @Test("Another name takes a token, since the old certificate can only vouch for its own names")
  func addedName() async throws {
    try await withWorld { world, authority in
      let system = world.certificates()
      try await world.pass(system, world.desired(world.wanted()))
      let wider = world.wanted(names: ["*.internal.example", "10.0.0.153", "www.internal.example"])
      let changes = try await world.pass(system, world.desired(wider))
      #expect(changes.first?.fields.first?.field == "names")
      #expect(posts(authority) == ["POST /sign 201", "POST /sign 201"])
      #expect(try world.pair(wider).leaf.isValid(for: "www.internal.example"))
    }
  }

  @Test("A wish for another certificate is granted once")
  func wish() async throws {
    try await withWorld { world, authority in
      let system = world.certificates()
      let wanted = world.wanted()
      let desired = world.desired(wanted)
      try await world.pass(system, desired)
      let observed = await system.observe(.everything, desired: desired)
      try await system.requestRenewal(of: wanted.place.resource, observed: observed)
      // A restart forgets nothing.
      let changes = try await world.pass(world.certificates(), desired)
      #expect(changes.first?.reason == "its renewal was asked for")
      #expect(posts(authority) == ["POST /sign 201", "POST /rekey 201"])
      #expect(try await world.pass(world.certificates(), desired).isEmpty)
      await #expect(throws: Failure.self) {
        try await system.requestRenewal(of: ResourceID(.certificates, "certificate", "x"), observed: observed)
      }
    }
  }

  @Test("While the authority is down the old one stays, the alarm rises, and its return is enough")
  func outage() async throws {
    let authority = try await StepCAServer.make()
    var server = try await authority.start()
    let world = try CertificateWorld(authority)
    let system = world.certificates()
    let wanted = world.wanted()
    let desired = world.desired(wanted)
    let old = try await world.seed(wanted, age: .seconds(17 * 3600))
    await server.stop()

    let look = await world.stepCA.observe(.everything, desired: world.desiredAuthority)
    let access = try #require(world.desiredAuthority.authority)
    guard case .unreadable = StepCA.ready(access.resource, desired: world.desiredAuthority, observed: look)
    else {
      Issue.record("an authority that is down is ready")
      return
    }
    var stages: [FieldValue?] = []
    for hours in [0, 6, 8] {
      let observed = await system.observe(.everything, desired: desired)
      let changes = Certificates.diff(
        desired: desired, observed: observed, facts: Facts(StepCA.facts(of: look)),
        now: world.clock.now + .seconds(hours * 3600))
      stages.append(changes.first?.fields.last?.to)
    }
    #expect(stages == [.text("due"), .text("emergency"), .text("expired")])
    let failure = try await world.failure(system, desired)
    #expect(failure.persistence == .transient)
    #expect(failure.endpoint == authority.url)
    #expect(try world.pair(wanted).leaf == old.chain.leaf)

    server = try await authority.start()
    try await world.pass(system, desired)
    #expect(try world.pair(wanted).leaf != old.chain.leaf)
    await server.stop()
  }

  // MARK: Answers that are wrong

  @Test("A refused request costs its token, and the corrected one comes with another")
  func corrected() async throws {
    try await withWorld { world, authority in
      let system = world.certificates()
      let tooLong = world.wanted(lifetime: .seconds(4000 * 3600))
      let failure = try await world.failure(system, world.desired(tooLong))
      #expect(failure.persistence == .permanent)
      #expect(failure.got.contains("403"))
      try await world.pass(system, world.desired(world.wanted(lifetime: .seconds(40 * 3600))))
      #expect(posts(authority) == ["POST /sign 403", "POST /sign 201"])
    }
  }

  @Test("An answer that is lost after the authority signed is asked for again, with the same key")
  func lostAnswer() async throws {
    try await withWorld { direct, authority in
      let proxy = try await FaultProxy(before: authority)
      let world = try CertificateWorld(authority, url: proxy.url)
      let system = world.certificates()
      let wanted = world.wanted()
      let desired = world.desired(wanted)
      let facts = await world.facts()
      let observed = await system.observe(.everything, desired: desired)
      let change = try #require(
        Certificates.diff(desired: desired, observed: observed, facts: facts, now: world.clock.now).first)
      try proxy.set("drop-reply")
      let failure = await #expect(throws: Failure.self) {
        try await system.apply(change, desired: desired, observed: observed, facts: facts)
      }
      #expect(failure?.persistence == .transient)
      let signed = authority.count("/sign")
      let key = world.state.allFiles().filter { $0.hasSuffix(".key") }
      #expect(key.count == 1)

      try proxy.set("pass")
      try await world.pass(world.certificates(), desired)
      try world.pair(wanted)
      #expect(signed == 1 && authority.count("/sign") == 2)
      #expect(world.state.allFiles().filter { $0.hasSuffix(".key") } == key)
    }
  }

  @Test("An authority that answers with another root than the pinned one is not used, and nothing is written")
  func impostor() async throws {
    try await withWorld { _, authority in
      let proxy = try await FaultProxy(before: authority)
      let other = try await StepCAServer.make()
      let pem = other.root.pem.split(separator: "\n").joined(separator: "\\n")
      try proxy.answer(status: 200, json: #"{"ca": "\#(pem)\n"}"#)
      let world = try CertificateWorld(authority, url: proxy.url)
      let look = await world.stepCA.observe(.everything, desired: world.desiredAuthority)
      #expect(look.authority.unreadableReason?.contains("not the pinned") == true)
      let failure = try await world.failure(world.certificates(), world.desired(world.wanted()))
      #expect(failure.persistence == .transient)
      #expect(world.state.allFiles().isEmpty)
      #expect(world.guest.directory.allFiles().isEmpty)
    }
  }

  @Test(
    "Garbage, errors and silence of the authority are transient and touch nothing",
    arguments: ["garbage", "status500", "reset", "refuse"])
  func troubles(mode: String) async throws {
    try await withWorld { _, authority in
      let proxy = try await FaultProxy(before: authority)
      let world = try CertificateWorld(authority, url: proxy.url)
      let system = world.certificates()
      let wanted = world.wanted()
      let desired = world.desired(wanted)
      let old = try await world.seed(wanted, age: .seconds(17 * 3600))
      let facts = await world.facts()
      try proxy.set(mode)
      let observed = await system.observe(.everything, desired: desired)
      let change = try #require(
        Certificates.diff(desired: desired, observed: observed, facts: facts, now: world.clock.now).first)
      let failure = await #expect(throws: Failure.self) {
        try await system.apply(change, desired: desired, observed: observed, facts: facts)
      }
      #expect(failure?.persistence == .transient)
      #expect(failure?.endpoint == proxy.url)
      #expect(try world.pair(wanted).leaf == old.chain.leaf)
      try proxy.set("pass")
      try await world.pass(system, desired)
      #expect(try world.pair(wanted).leaf != old.chain.leaf)
    }
  }

  @Test("A certificate for somebody else's key is refused, and no file changes")
  func wrongKey() async throws {
    try await withWorld { _, authority in
      let proxy = try await FaultProxy(before: authority)
      let world = try CertificateWorld(authority, url: proxy.url)
      let system = world.certificates()
      let wanted = world.wanted()
      let desired = world.desired(wanted)
      let old = try await world.seed(wanted, age: .seconds(17 * 3600))
      let other = try await authority.mint(names: wanted.names, key: try PrivateKey.generate())
      let parts = [other.leaf.pem, other.intermediates[0].pem].map {
        "\"" + $0.split(separator: "\n").joined(separator: "\\n") + "\\n\""
      }
      let facts = await world.facts()
      let observed = await system.observe(.everything, desired: desired)
      let change = try #require(
        Certificates.diff(desired: desired, observed: observed, facts: facts, now: world.clock.now).first)
      try proxy.answer(
        status: 201,
        json: #"{"crt": \#(parts[0]), "ca": \#(parts[1]), "certChain": [\#(parts.joined(separator: ","))]}"#)
      let files = world.guest.directory.allFiles()
      let failure = await #expect(throws: Failure.self) {
        try await system.apply(change, desired: desired, observed: observed, facts: facts)
      }
      #expect(failure?.persistence == .permanent)
      #expect(failure?.got.contains("another key") == true)
      #expect(world.guest.directory.allFiles() == files)
      #expect(try world.pair(wanted).leaf == old.chain.leaf)
    }
  }

  @Test("A certificate with a name too many is refused, and no file is made")
  func extraName() async throws {
    var options = StepCAServer.Options()
    options.template = #"""
      {"subject": {{ toJson .Subject }},
       "sans": [{"type": "dns", "value": "nginx.internal.example"}, {"type": "dns", "value": "evil.example"}],
       "keyUsage": ["digitalSignature"], "extKeyUsage": ["serverAuth", "clientAuth"]}
      """#
    try await withWorld(options) { world, authority in
      let failure = try await world.failure(
        world.certificates(), world.desired(world.wanted("nginx.internal.example", names: [])))
      #expect(failure.persistence == .permanent)
      #expect(failure.got.contains("evil.example"))
      #expect(posts(authority) == ["POST /sign 201"])
      #expect(world.guest.directory.allFiles().isEmpty)
    }
  }
}
