import FoundationEssentials
import PhoenixCore
import PhoenixHost
import PhoenixNetwork
import Testing

@testable import PhoenixSystems

/// With an nginx that really serves: a stand-in everywhere, nginx itself where it is installed.
@Suite("An nginx that takes certificates up", .timeLimit(.minutes(5)))
struct NginxActivationTests {
  typealias Kind = GatewayWorld.Kind

  @Test(
    "From nothing: our file, a running nginx, the delivered certificate; then nothing is wanted",
    arguments: Kind.available)
  func fromNothing(kind: Kind) async throws {
    let world = try await GatewayWorld(kind)
    let leaf = try await world.deliver()
    let changes = try await world.pass()
    #expect(
      changes.map(\.resource.description) == ["nginx/gateway/101", "nginx/served/nginx.internal.example"])
    #expect(await world.serves(leaf))
    #expect(await world.changes().isEmpty)
    let look = await world.look()
    #expect(look.gateway?.value?.loaded == (await world.file().hash))
    #expect(look.answers["nginx.internal.example"] == .status(200))
    #expect(look.stranger == .absent)
    let count = world.directory.allFiles()
    let commands = world.world.guest.commands.count
    #expect(try await world.pass().isEmpty)
    #expect(world.directory.allFiles() == count)
    #expect(world.world.guest.commands.count == commands + 2)  // a look at nginx, and one at the files
  }

  @Test("A new certificate is served after a reload, without a dropped listener", arguments: Kind.available)
  func renewed(kind: Kind) async throws {
    let world = try await GatewayWorld(kind)
    try await world.deliver()
    try await world.pass()
    let new = try await world.deliver()
    let changes = try await world.pass()
    // One of the names that it is for: one load takes it up for all.
    #expect(changes.map(\.resource.description) == ["nginx/served/nginx.internal.example"])
    #expect(changes.first?.risk == .safe)
    #expect(await world.serves(new))
    #expect(await world.changes().isEmpty)
  }

  @Test(
    "When nginx refuses its configuration, the one before is restored, and serves", arguments: Kind.available)
  func refusedByTest(kind: Kind) async throws {
    let world = try await GatewayWorld(kind)
    let old = try await world.deliver()
    try await world.pass()
    let before = await world.generation
    let new = try await world.deliver()
    try world.breakConfiguration(true)

    let failure = try await world.failure()
    #expect(failure.persistence == .transient)
    #expect(failure.got.contains("emerg"))
    #expect(failure.endpoint == nil)
    #expect(await world.generation == before)
    #expect(await world.serves(old))
    // The files' owner leaves it so, and tells.
    let files = await world.files()
    let desired = world.world.desired(world.wanted)
    #expect(
      Certificates.diff(desired: desired, observed: files, facts: Facts(), now: world.world.clock.now).isEmpty
    )
    #expect(Certificates.findings(desired: desired, observed: files).count == 1)
    // It is wanted still, and fails as before without doing harm.
    #expect(await world.changes().first?.fields.map(\.field) == ["generation"])
    _ = try await world.failure()
    #expect(await world.serves(old))

    try world.breakConfiguration(false)
    try await world.pass()
    #expect(await world.serves(new))
    #expect(await world.changes().isEmpty)
    #expect(Certificates.findings(desired: desired, observed: await world.files()).isEmpty)
  }

  @Test(
    "A reload that exits 0 and changes nothing is found out by handshakes, and rolled back",
    arguments: Kind.available)
  func silentReload(kind: Kind) async throws {
    let world = try await GatewayWorld(kind, proofTime: .seconds(1))
    let old = try await world.deliver()
    try await world.pass()
    let before = await world.generation
    let new = try await world.deliver()
    try world.fault("reload-ignored")
    let failure = try await world.failure()
    #expect(failure.expected == new.sha256)
    #expect(failure.got.contains(old.sha256))
    #expect(await world.generation == before)
    #expect(await world.serves(old))
    try world.fault(nil)
    try await world.pass()
    #expect(await world.serves(new))
  }

  @Test(
    "A reload that hangs with children is ended with them, and rolled back", .serialized,
    arguments: Kind.available)
  func hangingReload(kind: Kind) async throws {
    let world = try await GatewayWorld(kind, commandTimeout: .seconds(20))
    let old = try await world.deliver()
    try await world.pass()
    let before = await world.generation
    try await world.deliver()
    try world.fault("reload-hangs-once")
    let failure = try await world.failure()
    #expect(failure.got.contains("time is over"))
    #expect(await world.generation == before)
    #expect(await world.serves(old))
    let left = try? await Programs.run(["pgrep", "-af", "sleep \(world.hang)"])
    #expect(left == nil, "\(left ?? "")")
  }

  @Test("What has expired is not restored: the new one stays, and is tried again", arguments: Kind.available)
  func nothingToRestore(kind: Kind) async throws {
    let world = try await GatewayWorld(kind)
    try await world.deliver(life: .seconds(3600), age: .seconds(7200))
    try await world.pass()
    let new = try await world.deliver()
    let generation = await world.generation
    try world.breakConfiguration(true)
    let failure = try await world.failure()
    #expect(failure.got.contains("the new one stays"))
    #expect(await world.generation == generation)
    try world.breakConfiguration(false)
    try await world.pass()
    #expect(await world.serves(new))
  }

  @Test("An nginx that was stopped is started", arguments: Kind.available)
  func stopped(kind: Kind) async throws {
    let world = try await GatewayWorld(kind)
    let leaf = try await world.deliver()
    try await world.pass()
    try await world.systemctl("stop")
    let changes = try await world.pass()
    #expect(changes.first?.resource.description == "nginx/gateway/101")
    #expect(changes.first?.fields.first?.field == "nginx")
    #expect(await world.serves(leaf))
  }

  @Test("Our file is put back when somebody changed or removed it", arguments: Kind.available)
  func changedFile(kind: Kind) async throws {
    let world = try await GatewayWorld(kind)
    try await world.deliver()
    try await world.pass()
    let text = try world.directory.text("conf.d/phoenix-gateway.conf")
    for spoiled in ["# nothing\n", text + "# more\n"] {
      try world.directory.write(spoiled, to: "conf.d/phoenix-gateway.conf", mode: 0o644)
      try await world.settle()
      #expect(try world.directory.text("conf.d/phoenix-gateway.conf") == text)
    }
    try FileManager.default.removeItem(atPath: world.directory.file("conf.d/phoenix-gateway.conf"))
    #expect(try await world.pass().first?.kind == .create)
    try await world.settle()
  }

  @Test("A file that nginx refuses never stays: what was there before is back", arguments: Kind.available)
  func refusedFile(kind: Kind) async throws {
    let world = try await GatewayWorld(kind)
    try await world.deliver()
    try world.breakConfiguration(true)
    let failure = try await world.failure()
    #expect(failure.persistence == .transient)
    #expect(failure.got.contains("/nonexistent/cert.pem"))
    #expect(world.directory.names(in: "conf.d") == ["zz-broken.conf"])
    try world.breakConfiguration(false)
    try await world.pass()
    #expect(await world.changes().isEmpty)
  }

  @Test("A change of our file that was cut off is seen, and ended by the next", arguments: Kind.available)
  func cutOff(kind: Kind) async throws {
    let world = try await GatewayWorld(kind, commandTimeout: .seconds(20))
    let leaf = try await world.deliver()
    try world.fault("test-hangs-once")
    #expect(try await world.failure().got.contains("time is over"))
    #expect(await world.look().gateway?.value?.files.isUnfinished == true)
    try await world.settle()
    #expect(await world.serves(leaf))
    #expect(await world.look().gateway?.value?.files.isUnfinished == false)
    #expect(world.directory.names(in: "conf.d") == ["phoenix-gateway.conf"])
  }

  @Test("A file that lies there and was not loaded is loaded", arguments: Kind.available)
  func notLoaded(kind: Kind) async throws {
    let world = try await GatewayWorld(kind)
    try await world.deliver()
    try await world.pass()
    try await world.deliver(world.client)
    try world.directory.write(
      await world.file().file.text, to: "conf.d/phoenix-gateway.conf", mode: 0o644)
    let changes = try await world.pass()
    #expect(changes.map(\.resource.description) == ["nginx/gateway/101"])
    #expect(changes.first?.fields.map(\.field) == ["loaded"])
    try await world.settle()
    #expect(await world.look().gateway?.value?.loaded == (await world.file().hash))
  }

  @Test("A new client certificate is taken up", arguments: Kind.available)
  func renewedClient(kind: Kind) async throws {
    let world = try await GatewayWorld(kind)
    try await world.deliver()
    try await world.pass()
    let before = await world.file().hash
    try await world.deliver(world.client)
    let changes = try await world.pass()
    #expect(changes.map(\.resource.description) == ["nginx/gateway/101"])
    try await world.settle()
    let loaded = await world.look().gateway?.value?.loaded
    #expect(loaded == (await world.file().hash) && loaded != before)
  }

  @Test("An nginx that does not start with its guest will", arguments: Kind.available)
  func disabled(kind: Kind) async throws {
    let world = try await GatewayWorld(kind)
    try await world.deliver()
    try await world.pass()
    try await world.settle()
    try world.directory.write("", to: "disabled")
    let change = try #require(await world.changes().first)
    #expect(change.reason == "nginx is not started with its guest" && change.risk == .safe)
    #expect(change.fields.map(\.field) == ["enabled"])
    try await world.settle()
    #expect(!world.directory.names(in: ".").contains("disabled"))
  }

  @Test("Somebody else's default server is left alone and told, and ours waits", arguments: Kind.available)
  func foreignServer(kind: Kind) async throws {
    let world = try await GatewayWorld(kind)
    try await world.deliver()
    try world.directory.make("sites-enabled")
    try world.directory.write(
      "server {\n  listen \(world.port) ssl default_server;\n}\n", to: "sites-enabled/own", mode: 0o644)
    let look = await world.look()
    #expect(look.gateway?.value?.claims.count == 1)
    #expect(await world.changes().first?.hold?.contains("sites-enabled/own:2") == true)
    let message = Nginx.findings(desired: world.desired, observed: look).first?.message
    #expect(message?.contains("sites-enabled/own:2 is the default server") == true)
    #expect(message?.contains("conf.d/phoenix-gateway.conf:") == true)
  }

  @Test("A name that somebody else takes does not bring the others' certificate back")
  func oneNameShadowed() async throws {
    guard Kind.available.contains(.real) else { return }
    let world = try await GatewayWorld(.real, proofTime: .seconds(5))
    let old = try await world.deliver()
    try await world.pass()
    // Read before ours, so nginx believes it, and only warns of the second one.
    let key = try PrivateKey.generate()
    let chain = try await world.world.authority.mint(names: ["www.internal.example"], key: key)
    try world.directory.write(chain.pem, to: "other.pem")
    try key.pem.reveal { try world.directory.write($0, to: "other.key") }
    try world.directory.write(
      """
      server {
        listen \(world.port) ssl;
        server_name www.internal.example;
        ssl_certificate \(world.directory.file("other.pem"));
        ssl_certificate_key \(world.directory.file("other.key"));
      }

      """, to: "conf.d/a.conf", mode: 0o644)
    let new = try await world.deliver()
    // The first name takes it up, the second cannot, and nothing is taken back.
    try await world.pass()
    let generation = await world.generation
    let failure = try await world.failure()
    #expect(failure.got.contains("nginx.internal.example is served with it"))
    #expect(await world.generation == generation)
    #expect(await world.served() == [chain.leaf.sha256, new.sha256].sorted())
    #expect(old != new)
  }

  @Test("A guest that does not answer is unreadable, and nothing is done to it")
  func silentGuest() async throws {
    let world = try await GatewayWorld(.standIn)
    try await world.deliver()
    try await world.pass()
    try await world.systemctl("stop")
    world.world.guest.fault.withLock {
      $0 = { _ throws(Failure) in
        throw Failure(.transient, doing: "connect", got: "no route to host", endpoint: "ssh://root@127.0.0.1")
      }
    }
    let look = await world.look()
    #expect(await world.changes().isEmpty)
    guard case .unreadable = Nginx.health(of: look) else {
      Issue.record("it is readable")
      return
    }
  }
}
