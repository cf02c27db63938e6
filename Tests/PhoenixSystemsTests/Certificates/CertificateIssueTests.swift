import FoundationEssentials
import PhoenixCore
import PhoenixNetwork
import Testing

@testable import PhoenixSystems

/// What a real step-ca is asked for, in a guest whose shell is this machine's.
@Suite(
  "Certificates issued by a real authority", .enabled(if: StepCAServer.program != nil),
  .timeLimit(.minutes(5)))
struct CertificateIssueTests {
  @Test("What is missing is issued, with its owner, its permissions and its root; then nothing is wanted")
  func isIssued() async throws {
    try await CertificateWorld.lend { world, authority in
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
      #expect(authority.posts == ["POST /sign 201"])
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
    try await CertificateWorld.lend { world, _ in
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
    try await CertificateWorld.lend { world, _ in
      let wanted = world.wanted(lifetime: .seconds(48 * 3600))
      try await world.pass(world.certificates(), world.desired(wanted))
      let leaf = try world.pair(wanted).leaf
      let life = (leaf.notAfter - leaf.notBefore).components.seconds
      #expect((48 * 3600...48 * 3600 + 120).contains(life))
    }
  }

  @Test("A hundred are issued four at a time, and a restart changes neither them nor their schedule")
  func width() async throws {
    try await CertificateWorld.lend { world, authority in
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
        stateDirectory: world.state.path, clock: world.clock.clock)
      let desired = world.desired((0..<100).map { world.wanted("host\($0).internal.example", names: []) })
      let pending = await world.pending(system, desired)
      #expect(pending.count == 100)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for change in pending { group.addTask { try await change.apply() } }
        try await group.waitForAll()
      }
      #expect((2...4).contains(atOnce.withLock { $0.most }))
      #expect(authority.count("/sign") == 100)
      func schedule(_ system: Certificates) async -> [WallTime?] {
        let observed = await system.observe(.everything, desired: desired)
        return desired.certificates.keys.sorted().map { name in
          observed.places[name]?.value?.leaf.map { RenewalSchedule(name: name, $0).due }
        }
      }
      let restarted = world.certificates()
      #expect(await world.changes(restarted, desired).isEmpty)
      let due = await schedule(restarted)
      #expect(await schedule(system) == due)
      #expect(Set(due).count > 50)  // they were issued together, and are not renewed together
    }
  }

  @Test("A key that asks for a billion rounds is refused before any work")
  func rounds() async throws {
    let header = Base64URL.encode(
      Array(#"{"alg":"PBES2-HS256+A128KW","enc":"A256GCM","p2c":1000000000,"p2s":"AAAAAAAAAAAAAAAA"}"#.utf8))
    let parts = StepCAServer.encryptedKey.split(separator: ".").dropFirst()
    var options = StepCAServer.Options()
    options.encryptedKey = "\(header).\(parts.joined(separator: "."))"
    try await CertificateWorld.lend(options) { world, authority in
      let failure = try await world.failure(world.certificates(), world.desired(world.wanted()))
      #expect(failure.persistence == .permanent)
      #expect(failure.got.contains("1000000000 rounds"))
      #expect(authority.posts.isEmpty)
    }
  }

  @Test("The provisioner is found behind a hundred others")
  func pages() async throws {
    var options = StepCAServer.Options()
    options.extraProvisioners = 120
    try await CertificateWorld.lend(options) { world, authority in
      let changes = try await world.pass(world.certificates(), world.desired(world.wanted()))
      #expect(changes.count == 1)
      #expect(
        authority.requests.filter { $0.hasPrefix("GET /provisioners ") || $0.hasPrefix("GET /provisioners?") }
          .count >= 2)
    }
  }

  @Test("With a clock five minutes behind, at an authority that has just started, it is issued and told")
  func skew() async throws {
    try await CertificateWorld.lend { world, _ in
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
    try await CertificateWorld.lend { world, _ in
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
}
