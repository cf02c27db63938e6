import Glibc
import PhoenixCore
import PhoenixNetwork
import Testing

@testable import PhoenixSystems

/// What becomes of a certificate that is due, expired, revoked, or wanted otherwise.
@Suite(
  "Certificates renewed at a real authority", .enabled(if: StepCAServer.program != nil),
  .timeLimit(.minutes(5)))
struct CertificateRenewalTests {
  @Test("A day's certificate is left alone at 14 hours, and has a new key by 16 hours and a minute")
  func renewal() async throws {
    try await CertificateWorld.lend { world, authority in
      let system = world.certificates()
      let wanted = world.wanted()
      let desired = world.desired(wanted)
      _ = try await world.seed(wanted, age: .seconds(14 * 3600))
      let before = authority.posts.count
      #expect(try await world.pass(system, desired).isEmpty)
      #expect(authority.posts.count == before)

      let old = try await world.seed(wanted, age: .seconds(16 * 3600 + 60))
      let start = authority.posts.count
      let changes = try await world.pass(system, desired)
      #expect(changes.first?.reason.contains("renewal is due") == true)
      #expect(Array(authority.posts.dropFirst(start)) == ["POST /rekey 201"])
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
    try await CertificateWorld.lend { world, authority in
      let wanted = world.wanted()
      _ = try await world.seed(wanted, age: .seconds(30 * 3600), byToken: false)
      try await world.pass(world.certificates(), world.desired(wanted))
      #expect(authority.posts == ["POST /sign 201"])
      #expect(try world.pair(wanted).notAfter > world.clock.now)
    }
  }

  @Test("A revoked certificate is refused once and replaced once")
  func revoked() async throws {
    try await CertificateWorld.lend { world, authority in
      let wanted = world.wanted()
      let old = try await world.seed(wanted, age: .seconds(17 * 3600))
      try await authority.revoke(old.tls, serial: old.chain.leaf.serial)
      let start = authority.posts.count
      try await world.pass(world.certificates(), world.desired(wanted))
      #expect(Array(authority.posts.dropFirst(start)) == ["POST /rekey 401", "POST /sign 201"])
    }
  }

  @Test("A provisioner that renews nothing is asked once, and then by a token")
  func renewalDisabled() async throws {
    var options = StepCAServer.Options()
    options.disablesRenewal = true
    try await CertificateWorld.lend(options) { world, authority in
      let wanted = world.wanted()
      _ = try await world.seed(wanted, age: .seconds(17 * 3600))
      let start = authority.posts.count
      try await world.pass(world.certificates(), world.desired(wanted))
      #expect(Array(authority.posts.dropFirst(start)) == ["POST /rekey 401", "POST /sign 201"])
    }
  }

  @Test("Another name takes a token, since the old certificate can only vouch for its own names")
  func addedName() async throws {
    try await CertificateWorld.lend { world, authority in
      let system = world.certificates()
      try await world.pass(system, world.desired(world.wanted()))
      let wider = world.wanted(names: ["*.internal.example", "10.0.0.153", "www.internal.example"])
      let changes = try await world.pass(system, world.desired(wider))
      #expect(changes.first?.fields.first?.field == "names")
      #expect(authority.posts == ["POST /sign 201", "POST /sign 201"])
      #expect(try world.pair(wider).leaf.isValid(for: "www.internal.example"))
    }
  }

  @Test("A wish for another certificate is granted once")
  func wish() async throws {
    try await CertificateWorld.lend { world, authority in
      let system = world.certificates()
      let wanted = world.wanted()
      let desired = world.desired(wanted)
      try await world.pass(system, desired)
      let observed = await system.observe(.everything, desired: desired)
      try await system.request(.renew, for: wanted.place.resource, observed: observed)
      // A restart forgets nothing.
      let changes = try await world.pass(world.certificates(), desired)
      #expect(changes.first?.reason == "its renewal was asked for")
      #expect(authority.posts == ["POST /sign 201", "POST /rekey 201"])
      #expect(try await world.pass(world.certificates(), desired).isEmpty)
      await #expect(throws: Failure.self) {
        try await system.request(
          .renew, for: ResourceID(.certificates, "certificate", "x"), observed: observed)
      }
    }
  }

  /// What was issued is kept, so its files come back although the authority is down; a renewal waits.
  @Test("What lies ready is put back without the authority")
  func withoutAuthority() async throws {
    let authority = try await StepCAServer.make()
    let server = try await authority.start()
    let world = try CertificateWorld(authority)
    let system = world.certificates()
    let wanted = world.wanted()
    let desired = world.desired(wanted)
    try await world.pass(system, desired)
    let issued = try world.pair(wanted).leaf
    await server.stop()
    func change() async -> Change? {
      let observed = await system.observe(.everything, desired: desired)
      return Certificates.diff(desired: desired, observed: observed, facts: Facts(), now: world.clock.now)
        .first
    }
    let key = wanted.place.keyPath
    #expect(unlink(key) == 0)
    let lost = await change()
    #expect(lost?.isSelfContained == true && lost?.reason == "its key is missing")
    for pending in await world.pending(system, desired, facts: Facts()) { try await pending.apply() }
    #expect(try world.pair(wanted).leaf == issued)
    #expect(chmod(key, 0o666) == 0)
    #expect(await change()?.isSelfContained == true)
    _ = try await world.seed(wanted, age: .seconds(17 * 3600), byToken: false)
    let dying = await change()
    #expect(dying?.isScheduled == true)
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
}
