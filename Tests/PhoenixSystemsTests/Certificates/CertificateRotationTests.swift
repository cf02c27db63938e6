import FoundationEssentials
import Glibc
import PhoenixCore
import PhoenixHost
import PhoenixNetwork
import Testing

@testable import PhoenixSystems

/// Client certificates renewed at a real authority, past doors that let in only whom they know.
@Suite(
  "Client certificates and the doors they open", .enabled(if: StepCAServer.program != nil),
  .timeLimit(.minutes(5)))
struct CertificateRotationTests {
  private static let name = "client.internal.example"

  /// A client in a guest, or phoenixd itself.
  private func wanted(_ world: CertificateWorld, _ door: SimulatedDoor, own: Bool)
    -> Certificates.DesiredCertificate
  {
    own
      ? world.own(admissions: [door.key])
      : world.wanted(Self.name, names: [], use: .client, admissions: [door.key])
  }

  private func door(own: Bool) -> SimulatedDoor {
    SimulatedDoor(for: own ? "phoenix-client.internal.example" : Self.name)
  }

  /// The leaf that the client shows.
  private func leaf(_ world: CertificateWorld, _ wanted: Certificates.DesiredCertificate) async throws
    -> Certificate
  {
    if case .guest = wanted.destination { return try world.pair(wanted).leaf }
    return try #require(try await world.journal.delivered(of: wanted.name)).chain.leaf
  }

  /// What is wanted while the door is as it is.
  private func pending(
    _ world: CertificateWorld, _ desired: Certificates.Desired, _ door: SimulatedDoor,
    authority: Facts? = nil
  ) async -> [PendingChange] {
    var facts = if let authority { authority } else { await world.facts() }
    facts.publish(door.facts)
    return await world.pending(world.certificates(), desired, facts: facts)
  }

  @Test("At no moment does a client hold a leaf that its door does not know", arguments: [false, true])
  func rotations(own: Bool) async throws {
    try await CertificateWorld.lend { world, authority in
      var door = door(own: own)
      let wanted = wanted(world, door, own: own)
      let desired = world.desired(wanted)
      // Nothing was delivered before: there is nothing to lose.
      for change in await pending(world, desired, door) { try await change.apply() }
      var leaf = try await leaf(world, wanted)
      for _ in 0..<5 {
        let observed = await world.certificates().observe(.everything, desired: desired)
        door.follow(observed)
        #expect(door.admitted == [leaf.sha1])
        // Certificates are dated in seconds, and a successor must end later.
        try await Task.sleep(for: .milliseconds(1100))
        try await world.certificates().request(.renew, for: wanted.resource, observed: observed)
        let issue = try #require(await pending(world, desired, door).first)
        #expect(issue.change.reason == "its renewal was asked for")
        try await issue.apply()
        #expect(try await self.leaf(world, wanted) == leaf)
        // A restart and any number of looks change nothing while it waits.
        #expect(await pending(world, desired, door).isEmpty)
        door.isReadable = false
        #expect(await pending(world, desired, door).isEmpty)
        door.isReadable = true

        door.follow(await world.certificates().observe(.everything, desired: desired))
        #expect(door.admitted.count == 2)
        #expect(door.admitted.first == leaf.sha1)
        let delivery = try #require(await pending(world, desired, door).first)
        #expect(delivery.change.reason.contains("admitted, to be delivered"))
        try await delivery.apply()
        let newer = try await self.leaf(world, wanted)
        #expect(newer != leaf)
        #expect(door.admitted.last == newer.sha1)
        #expect(await pending(world, desired, door).isEmpty)
        leaf = newer
      }
      #expect(authority.posts == ["POST /sign 201"] + Array(repeating: "POST /rekey 201", count: 5))
      let keys = world.state.names(in: "certificates/\(wanted.name)").filter { $0.hasSuffix(".key") }
      #expect(keys == ["\(leaf.publicKeySHA256.prefix(32)).key"])
    }
  }

  @Test("A client whose files are lost while its successor waits is back with what the door knows")
  func lost() async throws {
    try await CertificateWorld.lend { world, authority in
      var door = door(own: false)
      let wanted = wanted(world, door, own: false)
      let desired = world.desired(wanted)
      let old = try await world.seed(wanted, age: .seconds(17 * 3600))
      door.follow(await world.certificates().observe(.everything, desired: desired))
      for change in await pending(world, desired, door) { try await change.apply() }
      let posts = authority.posts.count
      try FileManager.default.removeItem(atPath: world.guest.directory.file("etc"))
      try FileManager.default.removeItem(atPath: world.guest.directory.file("base"))
      for change in await pending(world, desired, door) { try await change.apply() }
      #expect(try world.pair(wanted).leaf == old.chain.leaf)
      #expect(await pending(world, desired, door).isEmpty)

      door.follow(await world.certificates().observe(.everything, desired: desired))
      #expect(door.admitted.count == 2)
      for change in await pending(world, desired, door) { try await change.apply() }
      #expect(try world.pair(wanted).leaf.sha1 == door.admitted.last)
      #expect(authority.posts.count == posts)
    }
  }

  @Test("Where no door ever answers, the new one is delivered in the last twentieth of the old one's life")
  func bounded() async throws {
    try await CertificateWorld.lend { world, authority in
      var door = door(own: false)
      let wanted = wanted(world, door, own: false)
      let desired = world.desired(wanted)
      let old = try await world.seed(wanted, age: .seconds(17 * 3600))
      door.isReadable = false
      for change in await pending(world, desired, door) { try await change.apply() }
      #expect(await pending(world, desired, door).isEmpty)
      let posts = authority.posts
      let facts = await world.facts()
      world.clock.set(off: .seconds(6 * 3600))
      let change = try #require(await pending(world, desired, door, authority: facts).first)
      #expect(change.change.fields.last?.to == .text("emergency"))
      try await change.apply()
      #expect(try world.pair(wanted).leaf != old.chain.leaf)
      #expect(authority.posts == posts)
    }
  }

  @Test("phoenixd's own certificate: files of its own, read anew, and found missing when they are damaged")
  func own() async throws {
    try await CertificateWorld.lend { world, authority in
      let door = door(own: true)
      let wanted = wanted(world, door, own: true)
      let desired = world.desired(wanted)
      let environment = SystemEnvironment(
        http: world.client, credentials: Credentials(directory: "/nonexistent"),
        configurationDirectory: "/nonexistent", stateDirectory: world.state.path,
        runtimeDirectory: "/nonexistent", stateWrites: WriteCounter())
      let failure = await #expect(throws: Failure.self) {
        try await environment.identity(named: wanted.name)
      }
      #expect(failure?.persistence == .transient)
      #expect(failure?.got == "phoenixd has no client certificate yet")
      #expect(world.state.allFiles().isEmpty)

      for change in await pending(world, desired, door) { try await change.apply() }
      #expect(world.guest.commands.isEmpty)
      let (identity, trust) = try await environment.identity(named: wanted.name)
      let chain = try CertificateChain(pem: identity.certificateChainPEM)
      #expect(chain.leaf.matches(try PrivateKey(pem: identity.keyPEM)))
      #expect(chain.leaf.commonName == wanted.name)
      try chain.verify(roots: [authority.root], at: world.clock.now, for: .client)
      #expect(trust.rootsPEM == authority.root.pem)
      let folder = "certificates/\(wanted.name)"
      #expect(world.state.mode(folder) == 0o700)
      for file in world.state.names(in: folder) { #expect(world.state.mode("\(folder)/\(file)") == 0o600) }
      let observed = await world.certificates().observe(.everything, desired: desired)
      #expect(Certificates.ready(wanted.resource, desired: desired, observed: observed) == .ready)
      let fingerprint = Certificates.facts(of: observed)[FactKey("certificate.fingerprint", of: wanted.name)]
      #expect(fingerprint == .known(.text(chain.leaf.sha256)))

      // The step-ca of this test takes it, so it is good for a handshake.
      let answer = try await world.client.send(
        HTTPRequest(.get, "\(authority.url)/health", timeout: .seconds(5), label: "test"), trust: trust,
        identity: identity)
      #expect(answer.status == 200)

      for file in world.state.names(in: folder) where file.hasPrefix("record") {
        try world.state.write("garbage", to: "\(folder)/\(file)")
      }
      let again = try #require(await pending(world, desired, door).first)
      #expect(again.change.kind == .create)
      try await again.apply()
      _ = try await environment.identity(named: wanted.name)
      #expect(await pending(world, desired, door).isEmpty)
    }
  }

  @Test("No key is in what is observed, published, wanted or told", arguments: [false, true])
  func secrets(own: Bool) async throws {
    try await CertificateWorld.lend { world, _ in
      var door = door(own: own)
      let wanted = wanted(world, door, own: own)
      let desired = world.desired(wanted)
      for change in await pending(world, desired, door) { try await change.apply() }
      let first = await world.certificates().observe(.everything, desired: desired)
      door.follow(first)
      try await Task.sleep(for: .milliseconds(1100))
      try await world.certificates().request(.renew, for: wanted.resource, observed: first)
      for change in await pending(world, desired, door) { try await change.apply() }
      let observed = await world.certificates().observe(.everything, desired: desired)
      let folder = "certificates/\(wanted.name)"
      let keys = try world.state.names(in: folder).filter { $0.hasSuffix(".key") }
        .map { try world.state.text("\(folder)/\($0)") }
      #expect(keys.count == 2)
      var told = [
        String(decoding: try JSONEncoder().encode(observed), as: UTF8.self),
        String(decoding: try JSONEncoder().encode(desired), as: UTF8.self), "\(observed)",
        "\(Certificates.facts(of: observed))",
        "\(Certificates.findings(desired: desired, observed: observed))",
        "\(await pending(world, desired, door).map(\.change))",
        "\(try #require(try await world.journal.delivered(of: wanted.name)))",
      ]
      told += world.guest.commands
      told += try world.state.names(in: folder).filter { !$0.hasSuffix(".key") }
        .map { try world.state.text("\(folder)/\($0)") }
      for key in keys {
        let secret = key.split(separator: "\n")[1]
        #expect(!told.contains { $0.contains(secret) || $0.contains("PRIVATE KEY") })
      }
    }
  }
}
