import PhoenixCore
import PhoenixNetwork
import Testing

@testable import PhoenixSystems

/// A certificate's files in a guest: the real scripts, in this machine's shell. The authority is down throughout,
/// so that whatever comes right came right without it.
struct CertificateGuest {
  let world: CertificateWorld
  let system: Certificates
  let wanted: Certificates.DesiredCertificate

  init(admissions: [FactKey] = []) async throws {
    world = try CertificateWorld(try await StepCAServer.make())
    system = world.certificates()
    wanted = world.wanted(admissions: admissions)
  }

  var desired: Certificates.Desired { world.desired(wanted) }
  var directory: TemporaryDirectory { world.guest.directory }
  var name: String { wanted.place.commonName }

  /// What the authority would publish if it were asked; nobody listens there.
  var facts: Facts {
    Facts([
      FactKey("ca.fingerprint", of: "127.0.0.1"): .known(.text(world.authority.root.sha256)),
      FactKey("ca.root", of: "127.0.0.1"): .known(.text(world.authority.root.pem)),
    ])
  }

  func observe() async -> Certificates.Observed {
    await system.observe(.everything, desired: desired)
  }

  /// What stands at the paths.
  func place() async throws -> Certificates.Place {
    try #require(await observe().places[wanted.place.name]?.value)
  }

  /// What is wanted, of the usual certificate by the usual system or of others.
  func pending(
    _ system: Certificates? = nil, _ desired: Certificates.Desired? = nil
  ) async -> [PendingChange] {
    await world.pending(system ?? self.system, desired ?? self.desired, facts: facts)
  }

  func changes() async -> [Change] { await pending().map(\.change) }

  func apply() async throws {
    for change in await pending() { try await change.apply() }
  }

  /// Lets a watcher end however this ends, or it would go on for ever.
  func apply(thenEnding isOver: Lock<Bool>) async throws {
    defer { isOver.withLock { $0 = true } }
    try await apply()
  }

  /// Puts a successor into the state directory as if it had just been issued.
  func keepSuccessor(_ other: Certificates.DesiredCertificate? = nil) async throws -> Certificates.Identity {
    let wanted = other ?? self.wanted
    let key = try PrivateKey.generate()
    let chain = try await world.authority.mint(names: wanted.names, key: key)
    let identity = Certificates.Identity(chain: chain, rootPEM: world.authority.root.pem, key: key)
    try await world.journal.begin(key, of: wanted.name)
    try await world.journal.keep(identity.record, of: wanted.name)
    return identity
  }

  func seed(age: Duration = .seconds(3600)) async throws -> Certificates.Identity {
    try await world.seed(wanted, age: age, byToken: false)
  }
}
