import FoundationEssentials
import Glibc
import PhoenixCore
import PhoenixHost
import PhoenixNetwork

@testable import PhoenixSystems

/// A manager that is this machine: the real scripts and nginx, with stand-ins for systemd and dockerd
/// (Fixtures/docker_guest.py), and clients whose files lie in the same guest.
final class DockerWorld: Sendable {
  static let manager = 101
  static var isPossible: Bool {
    Programs.exist("nginx") && Programs.exist("ss")
      && DockerAPI.Layout().moduleDirectories.contains { access("\($0)/ngx_stream_module.so", R_OK) == 0 }
  }

  let world: CertificateWorld
  let client: HTTPClient
  let system: DockerAPI
  let desired: DockerAPI.Desired
  let server: Certificates.DesiredCertificate
  let traefik: Certificates.DesiredCertificate
  let gateway: Certificates.DesiredCertificate
  private let own = Lock<Certificates.Identity?>(nil)
  private let published = Lock<[String: Reading<FactValue>]>([:])
  /// All that was ever published, by name.
  private let recorded = Lock<[String: Set<String>]>([:])

  static let ownName = "phoenix-client.internal.example"

  /// With or without a door before its dockerd, which is started with some arguments.
  init(
    hasDoor: Bool = true, arguments: String = "-H fd://", daemonJSON: String? = nil, socket: String? = nil,
    proofTime: Duration = .seconds(10)
  ) async throws {
    let world = try CertificateWorld(try await StepCAServer.make())
    self.world = world
    client = world.client
    let guest = world.guest
    let dir = guest.directory.path
    var layout = DockerAPI.Layout()
    layout.unitDirectory = "\(dir)/units"
    layout.engineConfiguration = "\(dir)/daemon.json"
    layout.engineSocket = "\(dir)/docker.sock"
    layout.proxyDirectory = "\(dir)/proxy"
    layout.runtimeDirectory = "\(dir)/run"
    layout.memoryDirectory = "\(dir)/memory"
    layout.processDirectory = "\(dir)/proc"
    (layout.user, layout.group) = ("root", "root")
    layout.port = try Server.freePort()
    layout.plainPort = try Server.freePort()
    server = world.wanted(
      "docker-daemon.internal.example", names: ["127.0.0.1"], consumer: .dockerAPI, port: layout.port)
    traefik = world.wanted("traefik-client.internal.example", names: [], use: .client)
    gateway = world.wanted("nginx-gateway-client.internal.example", names: [], use: .client, withRoot: false)
    func declared(_ wanted: Certificates.DesiredCertificate) -> DockerAPI.Client {
      DockerAPI.Client(
        name: wanted.place.name, commonName: wanted.place.commonName,
        home: DockerAPI.Client.Home(login: wanted.login, place: wanted.place))
    }
    var desired = DockerAPI.Desired(layout: layout)
    desired.engines = [Self.manager: DockerAPI.Engine(login: guest.login, addresses: ["127.0.0.1"])]
    if hasDoor {
      desired.doors = [
        Self.manager: DockerAPI.Door(login: guest.login, place: server.place)
      ]
      desired.clients = [
        declared(traefik), DockerAPI.Client(name: Self.ownName, commonName: Self.ownName, isOwn: true),
      ]
      desired.stranger = declared(gateway)
    }
    self.desired = desired
    let shell = guest.shell
    let own = own
    system = DockerAPI(
      client: world.client,
      identity: { name throws(Failure) in
        guard let identity = own.withLock({ $0 }) else {
          throw Failure(.transient, doing: "speak as \(name)", got: "there is no certificate yet")
        }
        return (
          TLSIdentity(certificateChainPEM: identity.chain.pem, keyPEM: identity.key.pem),
          TLSTrust(rootsPEM: identity.rootPEM)
        )
      }, shell: { () throws(Failure) in shell }, clock: world.clock.clock, commandTimeout: .seconds(60),
      proofTime: proofTime)
    try await install(arguments, daemonJSON, socket)
  }

  deinit {
    for unit in ["docker.service", "phoenix-docker-proxy.service"] {
      if let text = try? directory.text("\(unit).pid"), let pid = Int32(text.filter(\.isNumber)) {
        kill(pid, SIGTERM)
      }
    }
  }

  var directory: TemporaryDirectory { world.guest.directory }
  var layout: DockerAPI.Layout { desired.layout }
  var url: String { "https://127.0.0.1:\(layout.port)" }

  private func install(_ arguments: String, _ daemonJSON: String?, _ socket: String?) async throws {
    let root = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
    let run = "exec /usr/bin/python3 -B '/\(root)/Fixtures/docker_guest.py' '\(directory.path)'"
    try world.guest.install("systemctl", "\(run) systemctl \"$@\"\n")
    // dockerd is a python here; everything else the kernel tells is so.
    try world.guest.install(
      "ss",
      #"pid=$(cat '\#(directory.path)/docker.service.pid'); exec_ss=$(/usr/bin/ss "$@" || /bin/ss "$@")"#
        + "\n"
        + #"printf '%s\n' "$exec_ss" | sed "s/\"python3[^\"]*\",pid=$pid,/\"dockerd\",pid=$pid,/g""# + "\n")
    // Where a test says so, the script that calls it is killed with everything it began.
    try world.guest.install(
      "sync",
      """
      left=$(cat '\(directory.path)/syncs' 2> /dev/null) || exec /usr/bin/sync "$@"
      if [ "$left" -le 1 ]; then
        rm '\(directory.path)/syncs'
        kill -KILL 0
      fi
      echo $((left - 1)) > '\(directory.path)/syncs'
      exec /usr/bin/sync "$@"

      """)
    try directory.make("units")
    try directory.write("\(getpid())", to: "tests.pid")
    try directory.write("", to: "docker.env")
    try directory.write(
      "[Service]\nExecStart=/usr/sbin/dockerd \(arguments)\n", to: "units/docker.service", mode: 0o644)
    if let socket {
      try directory.write("[Socket]\n\(socket)\n", to: "units/docker.socket", mode: 0o644)
    }
    if let daemonJSON { try directory.write(daemonJSON, to: "daemon.json", mode: 0o640) }
    try await systemctl("daemon-reload")
    if socket != nil { try await systemctl("start", "docker.socket") }
    try await systemctl("enable", "docker.service")
    try await systemctl("start", "docker.service")
  }

  func systemctl(_ arguments: String...) async throws {
    // By the shell: a program that was just written may still be open in a child of another test.
    try await Programs.run(["sh", directory.file("bin/systemctl")] + arguments)
  }

  /// Lets the guest do something wrong; nil ends it.
  func fault(_ name: String?) throws {
    unlink(directory.file("fault"))
    if let name { try directory.write(name, to: "fault") }
  }

  // MARK: Certificates

  func mint(
    _ name: String, others: [String] = [], usage: String = "serverAuth,clientAuth",
    age: Duration = .seconds(60), life: Duration = .seconds(86_400), by authority: StepCAServer? = nil
  ) async throws -> Certificates.Identity {
    let authority = authority ?? world.authority
    let key = try PrivateKey.generate()
    let start = HostClock.system.wall() + (.zero - age)
    let chain = try await authority.mint(
      names: [name] + others, key: key, notBefore: start, notAfter: start + life, extendedKeyUsage: usage)
    return Certificates.Identity(chain: chain, rootPEM: authority.root.pem, key: key)
  }

  @discardableResult
  func deliver(_ wanted: Certificates.DesiredCertificate) async throws -> Certificates.Identity {
    let identity = try await mint(
      wanted.place.commonName, others: wanted.names.filter { $0 != wanted.place.commonName })
    try await world.put(identity, wanted)
    return identity
  }

  /// Publishes the leaves that a client may show: the delivered one first.
  func publish(_ name: String, _ leaves: [Certificates.Identity]) {
    publish(name, .known(.list(leaves.map(\.chain.leaf.sha1))))
  }

  func publish(_ name: String, _ reading: Reading<FactValue>) {
    published.withLock { $0[name] = reading }
    guard case .known(.list(let leaves)) = reading else { return }
    recorded.withLock { $0[name, default: []].formUnion(leaves) }
  }

  func own(_ identity: Certificates.Identity) {
    own.withLock { $0 = identity }
    publish(Self.ownName, [identity])
  }

  /// All certificates that are declared, delivered and published.
  @discardableResult
  func deliverAll() async throws -> (server: Certificates.Identity, traefik: Certificates.Identity) {
    let server = try await deliver(server)
    let traefik = try await deliver(traefik)
    try await deliver(gateway)
    publish(self.traefik.place.name, [traefik])
    own(try await mint(Self.ownName))
    return (server, traefik)
  }

  // MARK: Passes

  func facts() async -> Facts {
    let files = await world.certificates().observe(.everything, desired: world.desired(server))
    var facts = Facts(Certificates.facts(of: files))
    let leaves = published.withLock { $0 }
    facts.publish(
      Dictionary(leaves.map { (FactKey.clientFingerprints($0.key), $0.value) }) { first, _ in first })
    facts.publish(
      Dictionary(
        recorded.withLock { $0 }.map {
          (FactKey.recordedFingerprints($0.key), Reading<FactValue>.known(.list($0.value.sorted())))
        }
      ) { first, _ in first })
    return facts
  }

  func look() async -> DockerAPI.Observed { await system.observe(.everything, desired: desired) }

  func changes() async -> [Change] {
    DockerAPI.diff(desired: desired, observed: await look(), facts: await facts(), now: world.clock.now)
  }

  /// One pass: every change that is not held and still wanted, in the order of what they require.
  @discardableResult
  func pass() async throws -> [Change] {
    let planned = await changes()
    for resource in planned.map(\.resource) {
      let (observed, facts) = (await look(), await facts())
      if let reason = observed.nodes[Self.manager]?.unreadableReason { throw Trouble(reason) }
      let change = DockerAPI.diff(desired: desired, observed: observed, facts: facts, now: world.clock.now)
        .first {
          $0.resource == resource && $0.hold == nil
        }
      guard let change else { continue }
      try await system.apply(change, desired: desired, observed: observed, facts: facts)
    }
    return planned
  }

  /// Passes until nothing is wanted.
  func settle() async throws {
    let isSettled = try await eventually {
      try await pass()
      return await changes().isEmpty
    }
    guard isSettled else { throw Trouble("still wanted: \(await changes())") }
  }

  func failure() async throws -> Failure {
    do { try await pass() } catch let failure as Failure { return failure }
    throw Trouble("it succeeded")
  }

  var engine: DockerAPI.EngineState? {
    get async { await look().nodes[Self.manager]?.value?.engine }
  }

  func ready(_ kind: String) async -> Readiness {
    DockerAPI.ready(
      ResourceID(.dockerAPI, kind, String(Self.manager)), desired: desired, observed: await look())
  }

  func findings() async -> [String] {
    DockerAPI.findings(desired: desired, observed: await look()).map {
      "\($0.severity.rawValue): \($0.message)"
    }
  }

  /// How often dockerd was started.
  var starts: Int { ((try? directory.text("starts")) ?? "").split(separator: "\n").count }

  // MARK: curl

  /// curl's exit status and what it was given.
  func curl(_ path: String, as identity: Certificates.Identity?, _ options: String...) async throws -> (
    Int32, String
  ) {
    let files = try TemporaryDirectory()
    var arguments = ["curl", "-q", "-s", "-m", "10", "--cacert", files.file("root")] + options
    try files.write(world.authority.root.pem, to: "root")
    if let identity {
      try files.write(identity.chain.pem, to: "cert")
      try identity.key.pem.reveal { try files.write($0, to: "key") }
      arguments += ["--cert", files.file("cert"), "--key", files.file("key")]
    }
    let result = try await Processes.run(ProcessCommand(arguments + [path]))
    guard case .exited(let status) = result.status else { throw Trouble("curl: \(result.account)") }
    return (status, result.text)
  }
}
