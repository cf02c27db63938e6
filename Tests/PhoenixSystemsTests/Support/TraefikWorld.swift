import FoundationEssentials
import Glibc
import PhoenixCore
import PhoenixHost
import PhoenixNetwork

@testable import PhoenixSystems

/// A Traefik in a guest that is this machine, with certificates delivered there. PHOENIX_TEST_TRAEFIK names the
/// program.
final class TraefikWorld: Sendable {
  /// Which Traefik.
  enum Kind: String, Sendable, CaseIterable {
    case standIn, real

    /// Those that this machine has.
    static var available: [Kind] { allCases.filter { $0 == .standIn || program != nil } }
  }

  static let program = ProcessInfo.processInfo.environment["PHOENIX_TEST_TRAEFIK"]
  static let gatewayClient = "nginx-gateway-client.internal.example"
  static let ownClient = "phoenix-client.internal.example"
  static let echo = "production_echo_echo"

  /// A client's certificate.
  struct Client: Sendable {
    let chain: CertificateChain
    let key: PrivateKey
    var identity: TLSIdentity { TLSIdentity(certificateChainPEM: chain.pem, keyPEM: key.pem) }
  }

  let world: CertificateWorld
  let wanted: Certificates.DesiredCertificate
  /// A client certificate of the same authority that is not let in.
  let stranger: Certificates.DesiredCertificate
  let desired: Traefik.Desired
  let traefik: Traefik
  /// phoenixd's own.
  let own: Client
  /// The gateway's.
  let gateway: Client
  /// Facts of others.
  let published = Lock<[FactKey: Reading<FactValue>]>([:])
  private let certificates: Certificates

  init(_ kind: Kind, listenAddress: String = "127.0.0.1", change: (inout Inventory) -> Void = { _ in })
    async throws
  {
    let world = try CertificateWorld(try await StepCAServer.make())
    self.world = world
    wanted = world.wanted(
      "traefik.internal.example", names: ["*.traefik.internal.example"], consumer: .traefik)
    stranger = world.wanted("traefik-client.internal.example", names: [], use: .client)
    certificates = world.certificates()
    own = try await Self.client(of: world.authority, Self.ownClient)
    gateway = try await Self.client(of: world.authority, Self.gatewayClient)
    var layout = Traefik.Layout()
    layout.directory = world.guest.directory.file("traefik")
    layout.memory = world.guest.directory.file("memory")
    layout.listenAddress = listenAddress
    layout.webPort = try Server.freePort()
    layout.websecurePort = try Server.freePort()
    layout.meshPort = try Server.freePort()
    var inventory = Self.inventory(wanted)
    change(&inventory)
    var desired = Traefik.compile(inventory, layout: layout).desired
    // The files lie below the test's own directory.
    desired.proxy?.plan.certificates = [wanted.place]
    desired.proxy?.stranger = stranger.place
    desired.servers = [
      wanted.place.name: Traefik.Server(place: wanted.place, host: "traefik.internal.example")
    ]
    self.desired = desired
    let (shell, identity) = (world.guest.shell, own.identity)
    let trust = TLSTrust(rootsPEM: world.authority.root.pem)
    traefik = Traefik(
      client: world.client,
      keys: Traefik.Keys(
        shell: { () throws(Failure) in shell }, identity: { _ throws(Failure) in (identity, trust) }))
    try install(kind)
    for (name, client) in [(Self.ownClient, own), (Self.gatewayClient, gateway)] {
      try await admit(name, client)
    }
    published.withLock { $0[.swarmServers(Self.echo, port: 8080)] = .known(.list([])) }
  }

  deinit {
    if let text = try? directory.text("traefik.pid"), let pid = Int32(text.filter(\.isNumber)) {
      kill(pid, SIGKILL)
    }
  }

  var directory: TemporaryDirectory { world.guest.directory }
  var meshPort: Int { desired.proxy?.layout.meshPort ?? 0 }

  /// A client's certificate of some authority.
  static func client(
    of authority: StepCAServer, _ name: String, notBefore: WallTime? = nil, notAfter: WallTime? = nil,
    usage: String = "clientAuth"
  ) async throws -> Client {
    let key = try PrivateKey.generate()
    return Client(
      chain: try await authority.mint(
        names: [name], key: key, notBefore: notBefore, notAfter: notAfter, extendedKeyUsage: usage), key: key)
  }

  /// The leaf of a client in PEM, and its SHA-1.
  static func leaf(_ client: Client) async throws -> (sha1: String, pem: String) {
    let pem = client.chain.leaf.pem
    let text = try await Programs.openssl("x509", "-noout", "-fingerprint", "-sha1", stdin: pem)
    let sha1 = text.split(separator: "=").last?.filter(\.isHexDigit).lowercased() ?? ""
    return (sha1, pem)
  }

  /// Publishes the leaves that a client may show.
  func admit(_ name: String, _ clients: Client...) async throws {
    var leaves: [(sha1: String, pem: String)] = []
    for client in clients { leaves.append(try await Self.leaf(client)) }
    let (names, texts) = (leaves.map(\.sha1), leaves.map(\.pem))
    published.withLock {
      for (key, new) in [(FactKey.recordedFingerprints(name), names), (.recordedLeaves(name), texts)] {
        var all: [String] = []
        if case .known(.list(let before)) = $0[key] { all = before }
        $0[key] = .known(.list(all + new.filter { !all.contains($0) }))
      }
      $0[.clientFingerprints(name)] = .known(.list(names))
      $0[.clientLeaves(name)] = .known(.list(texts))
      // Whoever shows them has loaded what was delivered.
      $0[FactKey("certificate.generation", of: name)] = .known(.text("g"))
      $0[.clientTaken(name)] = .known(.text("g"))
    }
  }

  private static func inventory(_ wanted: Certificates.DesiredCertificate) -> Inventory {
    let location = CertificateFixtures.location
    var guest = Guest(id: 101, name: "Traefik-Internal", kind: .container, location: location)
    guest.features = ["traefik"]
    guest.interfaces = [GuestInterface(name: "eth0", block: "127.0.0.1/8")]
    guest.stacks = [StackReference(name: "echo")]
    var stack = Stack(name: "echo", location: location)
    stack.routes["production"] = [
      StackRoute(
        name: "echo", stack: guest.stacks[0], service: "echo", rule: "Host(`echo.internal.example`)",
        entryPoints: ["mesh"], port: 8080, location: location)
    ]
    func entry(_ name: String, _ use: CertificateEntry.Use, _ consumer: CertificateConsumer)
      -> CertificateEntry
    {
      var entry = CertificateEntry(
        commonName: name, certificatePath: "/etc/\(name).crt", keyPath: "/etc/\(name).key", location: location
      )
      entry.use = use
      entry.deployments = [
        CertificateDeployment(
          guest: 101, certificatePath: entry.certificatePath, keyPath: entry.keyPath, consumer: consumer,
          location: location)
      ]
      return entry
    }
    var inventory = Inventory()
    inventory.guests = [guest]
    inventory.stacks = [stack]
    inventory.site.domain = "internal.example"
    inventory.site.hypervisorBlock = "127.0.0.1/8"
    inventory.settings.traefikAPI = "https://127.0.0.1"
    inventory.certificates = [
      entry(wanted.place.name, .server, .traefik), entry(gatewayClient, .client, .nginx),
    ]
    return inventory
  }

  /// The programs of the guest. `DIR/fault` says what systemctl does wrong.
  private func install(_ kind: Kind) throws {
    let dir = directory.path
    let root = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
    let program =
      switch kind {
      case .standIn: "/usr/bin/python3 -B '/\(root)/Fixtures/traefik.py' '\(dir)/traefik/traefik.yml'"
      case .real: "'\(Self.program ?? "")' --configFile='\(dir)/traefik/traefik.yml'"
      }
    try world.guest.install(
      "systemctl",
      #"""
      pid=$(cat '\#(dir)/traefik.pid' 2> /dev/null)
      alive() {
        [ -n "$pid" ] && [ -e "/proc/$pid/stat" ] && ! grep -q ') Z ' "/proc/$pid/stat"
      }
      stop() {
        if alive; then kill "$pid"; while alive; do sleep 0.05; done; fi
      }
      start() {
        [ "$(cat '\#(dir)/fault' 2> /dev/null)" != start-fails ] || exit 1
        : > '\#(dir)/log'
        setsid \#(program) >> '\#(dir)/log' 2>&1 < /dev/null &
        echo $! > '\#(dir)/traefik.pid'
        echo start >> '\#(dir)/starts'
      }
      case $1 in
        cat) [ ! -e '\#(dir)/missing' ] ;;
        is-active)
          if alive; then state=active; else state=inactive; fi
          [ "$2" = --quiet ] || echo $state
          [ $state = active ] || exit 3
          ;;
        is-enabled) cat '\#(dir)/enabled' 2> /dev/null || { echo disabled; exit 1; } ;;
        enable) [ -e '\#(dir)/enabled' ] || echo enabled > '\#(dir)/enabled' ;;
        start) alive || start ;;
        stop) stop ;;
        restart) stop; start ;;
        status) tail -n 3 '\#(dir)/log' ;;
      esac
      """#)
  }

  func systemctl(_ verb: String) async throws {
    try await Programs.run([directory.file("bin/systemctl"), verb, "traefik"])
  }

  /// How often it was started.
  var starts: Int { ((try? directory.text("starts")) ?? "").split(separator: "\n").count }

  /// Delivers a certificate from the authority's own key.
  @discardableResult
  func deliver() async throws -> Certificate {
    let key = try PrivateKey.generate()
    let chain = try await world.authority.mint(names: wanted.names, key: key)
    let identity = Certificates.Identity(chain: chain, rootPEM: world.authority.root.pem, key: key)
    try await world.put(identity, wanted)
    let client = try await Self.client(of: world.authority, stranger.place.commonName)
    try await world.put(
      Certificates.Identity(chain: client.chain, rootPEM: world.authority.root.pem, key: client.key), stranger
    )
    return chain.leaf
  }

  func facts() async -> Facts {
    let files = await certificates.observe(.everything, desired: world.desired(wanted))
    var facts = Facts(Certificates.facts(of: files))
    facts.publish(published.withLock { $0 })
    return facts
  }

  func look() async -> Traefik.Observed { await traefik.observe(.everything, desired: desired) }

  func changes() async -> [Change] {
    Traefik.diff(
      desired: desired, observed: await look(), facts: await facts(), now: world.clock.now)
  }

  /// One pass: every change that is not held, the dynamic file first, each until it is no longer wanted.
  @discardableResult
  func pass() async throws -> [Change] {
    let changes = await changes()
    for planned in changes where planned.hold == nil {
      func pending() async -> Change? { await self.changes().first { $0.resource == planned.resource } }
      guard let change = await pending() else { continue }
      try await traefik.apply(change, desired: desired, observed: await look(), facts: await facts())
      guard await eventually({ await pending() == nil }) else {
        throw Trouble(
          "still wanted: \(await pending().map { "\($0)" } ?? "") \((try? directory.text("log")) ?? "")")
      }
    }
    return changes
  }

  func failure() async throws -> Failure {
    do { try await pass() } catch let failure as Failure { return failure }
    throw Trouble("it succeeded")
  }

  /// The fingerprints that fresh connections see.
  func served() async -> [String] {
    await look().servers[wanted.place.name]?.value?.fingerprints ?? []
  }

  /// What a client is answered when it asks for a host: a status, or what went wrong.
  func ask(_ client: Client?, host: String = "127.0.0.1", path: String = "/api/http/routers") async
    -> Result<Int, TransportError>
  {
    let web = HTTPClient()
    let request = HTTPRequest(
      .get, "https://traefik.internal.example:\(meshPort)\(path)", headers: [HTTPHeader("Host", host)],
      timeout: .seconds(5), label: "test", connectingTo: HostAndPort("127.0.0.1:\(meshPort)"))
    let result: Result<Int, TransportError>
    do throws(TransportError) {
      result = .success(
        try await web.send(
          request, trust: TLSTrust(rootsPEM: world.authority.root.pem), identity: client?.identity
        ).status)
    } catch {
      result = .failure(error)
    }
    await web.shutdown()
    return result
  }
}
