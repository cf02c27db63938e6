import FoundationEssentials
import PhoenixCore
import PhoenixHost
import PhoenixNetwork
import Testing

@testable import PhoenixSystems

/// An authority, a guest, a state directory, and the systems between them, driven as the engine drives them.
final class CertificateWorld: Sendable {
  let authority: StepCAServer
  let guest: LocalGuest
  let state: TemporaryDirectory
  let clock = MovedClock()
  let client = HTTPClient()
  let stepCA: StepCA
  let desiredAuthority: StepCA.Desired
  private let url: String

  init(_ authority: StepCAServer, url: String? = nil, fingerprint: String? = nil) throws {
    self.authority = authority
    self.url = url ?? authority.url
    guest = try LocalGuest()
    state = try TemporaryDirectory()
    stepCA = StepCA(client: client, clock: clock.clock)
    desiredAuthority = StepCA.Desired(
      authority: StepCA.Access(
        url: self.url, host: "127.0.0.1", rootFingerprint: fingerprint ?? authority.root.sha256,
        provisioner: StepCAServer.provisioner))
  }

  /// Lends a running authority and a world around it.
  static func lend(
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

  /// The system, as it would be after a start of the daemon.
  func certificates(
    password: Secret = StepCAServer.password, width: Int = 4, commandTimeout: Duration = .seconds(30)
  ) -> Certificates {
    let shell = guest.shell
    return Certificates(
      client: client,
      keys: Certificates.Keys(
        password: { _ throws(Failure) in password }, shell: { () throws(Failure) in shell }),
      stateDirectory: state.path, clock: clock.clock, width: width, commandTimeout: commandTimeout)
  }

  /// A certificate whose files lie below the guest's directory.
  func wanted(
    _ commonName: String = "nginx.internal.example", names: [String] = ["*.internal.example", "10.0.0.153"],
    use: CertificateEntry.Use = .server, lifetime: Duration? = nil, hook: [String]? = nil,
    mode: FileMode = FileMode(bits: 0o640), withRoot: Bool = true, consumer: CertificateConsumer? = nil,
    port: Int = 443, admissions: [FactKey] = []
  ) -> Certificates.DesiredCertificate {
    let root = guest.directory.path
    let location = Location(file: "certificate-manifest.json", line: 1, column: 1)
    var entry = CertificateEntry(
      commonName: commonName, certificatePath: "\(root)/etc/\(commonName).crt",
      keyPath: "\(root)/etc/\(commonName).key", location: location)
    entry.deployments = [
      CertificateDeployment(
        guest: 101, certificatePath: entry.certificatePath, keyPath: entry.keyPath,
        rootPath: withRoot ? "\(root)/etc/\(commonName).root" : nil, mode: mode, consumer: consumer,
        probe: HostAndPort("127.0.0.1:\(port)"), location: location)
    ]
    var place = entry.places[0]
    place.base = "\(root)/base/\(commonName.hasPrefix("*") ? "_" + commonName.dropFirst() : commonName[...])"
    return Certificates.DesiredCertificate(
      place: place, login: guest.login, names: [commonName] + names, use: use, lifetime: lifetime, hook: hook,
      admissions: admissions)
  }

  /// phoenixd's own certificate.
  func own(admissions: [FactKey] = []) -> Certificates.DesiredCertificate {
    Certificates.DesiredCertificate(
      own: OwnCertificate(name: "phoenix-client.internal.example", lifetime: nil, location: nil),
      admissions: admissions)
  }

  var journal: CertificateJournal { CertificateJournal(directory: state.file("certificates"), writes: nil) }

  func desired(_ wanted: Certificates.DesiredCertificate...) -> Certificates.Desired { desired(wanted) }

  func desired(_ wanted: [Certificates.DesiredCertificate]) -> Certificates.Desired {
    Certificates.Desired(
      authority: Certificates.Authority(
        url: url, host: "127.0.0.1", provisioner: StepCAServer.provisioner, passwordCredential: "password"),
      certificates: Dictionary(wanted.map { ($0.name, $0) }) { first, _ in first })
  }

  /// What the authority publishes now.
  func facts() async -> Facts {
    Facts(StepCA.facts(of: await stepCA.observe(.everything, desired: desiredAuthority)))
  }

  /// What is wanted now.
  func changes(_ system: Certificates, _ desired: Certificates.Desired) async -> [Change] {
    await pending(system, desired).map(\.change)
  }

  /// One pass: looks, and carries out what is wanted, one after another, each proved by another look.
  @discardableResult
  func pass(_ system: Certificates, _ desired: Certificates.Desired) async throws -> [Change] {
    let facts = await facts()
    let changes = await pending(system, desired, facts: facts)
    for change in changes { try await change.apply() }
    let left = await pending(system, desired, facts: facts)
    guard left.isEmpty else { throw Trouble("still wanted: \(left.map(\.change))") }
    return changes.map(\.change)
  }

  /// The failure with which a pass ends.
  func failure(_ system: Certificates, _ desired: Certificates.Desired) async throws -> Failure {
    do {
      try await pass(system, desired)
    } catch let failure as Failure {
      return failure
    }
    throw Trouble("it succeeded")
  }

  /// Puts a certificate into guest and state as if it had been issued earlier.
  func seed(
    _ wanted: Certificates.DesiredCertificate, age: Duration, life: Duration = .seconds(24 * 3600 + 60),
    byToken: Bool = true
  ) async throws -> Certificates.Identity {
    let now = HostClock.system.wall()
    let (start, end) = (now + (.zero - age), now + (life - age))
    let key = try PrivateKey.generate()
    let chain =
      byToken
      ? try await authority.issue(wanted, key: key, notBefore: start, notAfter: end)
      : try await authority.mint(names: wanted.names, key: key, notBefore: start, notAfter: end)
    let identity = Certificates.Identity(chain: chain, rootPEM: authority.root.pem, key: key)
    let journal = CertificateJournal(directory: state.file("certificates"), writes: nil)
    try await journal.begin(key, of: wanted.name)
    try await journal.save(
      CertificateRecord(pending: nil, issued: identity.record, delivered: identity.record), of: wanted.name)
    try await put(identity, wanted)
    return identity
  }

  /// Puts a certificate into the guest alone.
  func put(_ identity: Certificates.Identity, _ wanted: Certificates.DesiredCertificate) async throws {
    guard case .guest(let place, let login) = wanted.destination else { return }
    let hands = GuestHands(shell: guest.shell, place: place, login: login, timeout: .seconds(30))
    try await hands.deliver(identity, generation: identity.generation)
    try await hands.settle()
  }

  /// The pair that stands at the paths; throws when it is none.
  @discardableResult
  func pair(_ wanted: Certificates.DesiredCertificate) throws -> CertificateChain {
    func read(_ path: String) throws -> String {
      String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    }
    let chain = try CertificateChain(pem: try read(wanted.place.certificatePath))
    let key = try PrivateKey(pem: Secret(try read(wanted.place.keyPath)))
    guard chain.leaf.matches(key) else { throw Trouble("certificate and key do not belong together") }
    return chain
  }
}
