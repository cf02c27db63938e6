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
    #expect(changes.map(\.resource.description).first == "nginx/gateway/101")
    #expect(await world.serves(leaf))
    #expect(await world.changes().isEmpty)
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
    let world = try await GatewayWorld(kind, commandTimeout: .seconds(3))
    let old = try await world.deliver()
    try await world.pass()
    let before = await world.generation
    try await world.deliver()
    try world.fault("reload-hangs-once")
    let failure = try await world.failure()
    #expect(failure.got.contains("time is over"))
    #expect(await world.generation == before)
    #expect(await world.serves(old))
    let left = try? await Programs.run(["pgrep", "-af", "sleep 31337"])
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
      try await world.pass()
      #expect(try world.directory.text("conf.d/phoenix-gateway.conf") == text)
      #expect(await world.changes().isEmpty)
    }
    try FileManager.default.removeItem(atPath: world.directory.file("conf.d/phoenix-gateway.conf"))
    #expect(try await world.pass().first?.kind == .create)
    #expect(await world.changes().isEmpty)
  }

  @Test("A file that nginx refuses never stays: what was there before is back", arguments: Kind.available)
  func refusedFile(kind: Kind) async throws {
    let world = try await GatewayWorld(kind)
    try await world.deliver()
    try world.breakConfiguration(true)
    let failure = try await world.failure()
    #expect(failure.persistence == .permanent)
    #expect(failure.got.contains("/nonexistent/cert.pem"))
    #expect(world.directory.names(in: "conf.d") == ["zz-broken.conf"])
    try world.breakConfiguration(false)
    try await world.pass()
    #expect(await world.changes().isEmpty)
  }

  @Test("A file that was written and not loaded when Phoenix was killed is loaded", arguments: Kind.available)
  func killed(kind: Kind) async throws {
    let world = try await GatewayWorld(kind)
    let leaf = try await world.deliver()
    try world.directory.write(
      world.desired.gateways[101]?.text ?? "", to: "conf.d/phoenix-gateway.conf", mode: 0o644)
    try world.directory.write("", to: "conf.d/phoenix-gateway.conf.none")
    #expect(try await world.pass().first?.fields.map(\.field) == ["loaded"])
    #expect(await world.serves(leaf))
    #expect(world.directory.names(in: "conf.d") == ["phoenix-gateway.conf"])
  }

  @Test("Somebody else's default server is left alone and told", arguments: Kind.available)
  func foreignServer(kind: Kind) async throws {
    let world = try await GatewayWorld(kind)
    try await world.deliver()
    try world.directory.make("sites-enabled")
    try world.directory.write(
      "server {\n  listen 443 ssl default_server;\n}\n", to: "sites-enabled/own", mode: 0o644)
    let look = await world.look()
    #expect(look.gateways[101]?.value?.claims.count == 1)
    #expect(await world.changes().allSatisfy { $0.resource.kind != "gateway" })
    let findings = Nginx.findings(desired: world.desired, observed: look)
    #expect(findings.first?.message.contains("sites-enabled/own:2") == true)
    #expect(
      Nginx.ready(ResourceID(.nginx, "gateway", "101"), desired: world.desired, observed: look) == .ready)
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
