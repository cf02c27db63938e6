import FoundationEssentials
import Glibc
import PhoenixCore
import PhoenixHost
import PhoenixNetwork

@testable import PhoenixSystems

/// An nginx in a guest that is this machine, and certificates delivered there: one that two names are served with,
/// and one that nginx shows Traefik.
final class GatewayWorld: Sendable {
  /// Which nginx.
  enum Kind: String, Sendable, CaseIterable {
    case standIn, real

    /// Those that this machine has.
    static var available: [Kind] { allCases.filter { $0 == .standIn || Programs.exist("nginx") } }
  }

  let world: CertificateWorld
  let nginx: Nginx
  let port: Int
  let httpPort: Int
  let meshPort: Int
  /// How long what hangs would sleep: by this number its processes are known among those of other tests.
  let hang = Int.random(in: 30_000...99_999)
  let wanted: Certificates.DesiredCertificate
  let client: Certificates.DesiredCertificate
  private let certificates: Certificates

  init(_ kind: Kind, commandTimeout: Duration = .seconds(30), proofTime: Duration = .seconds(10)) async throws
  {
    let world = try CertificateWorld(try await StepCAServer.make())
    self.world = world
    port = try Server.freePort()
    httpPort = try Server.freePort()
    meshPort = try Server.freePort()
    wanted = world.wanted(
      "nginx.internal.example", names: ["www.internal.example"], consumer: .nginx, port: port)
    client = world.wanted("nginx-gateway-client.internal.example", names: [], use: .client, consumer: .nginx)
    certificates = world.certificates()
    let shell = world.guest.shell
    nginx = Nginx(
      client: world.client, shell: { () throws(Failure) in shell }, clock: world.clock.clock,
      commandTimeout: commandTimeout, proofTime: proofTime)
    try world.guest.directory.make("conf.d")
    try install(kind)
  }

  deinit {
    let path = directory.file("nginx.pid")
    if let text = try? String(contentsOf: URL(filePath: path), encoding: .utf8),
      let pid = Int32(text.filter(\.isNumber))
    {
      kill(pid, SIGTERM)
    }
  }

  var directory: TemporaryDirectory { world.guest.directory }

  /// The programs of the guest. `DIR/fault` says what systemctl does wrong: once, or always.
  private func install(_ kind: Kind) throws {
    let dir = directory.path
    let faults = #"""
      fault=$(cat '\#(dir)/fault' 2> /dev/null)
      if [ "$1" = reload ]; then
        case $fault in
          reload-ignored) exit 0 ;;
          reload-hangs-once) rm '\#(dir)/fault'; sleep \#(hang) & sleep \#(hang) ;;
        esac
      fi

      """#
    let test = #"""
      if [ "$1" = -t ] && [ "$(cat '\#(dir)/fault' 2> /dev/null)" = test-hangs-once ]; then
        rm '\#(dir)/fault'
        sleep \#(hang)
      fi

      """#
    try directory.write(
      """
      user root;
      worker_processes 1;
      pid \(dir)/nginx.pid;
      error_log \(dir)/error.log;
      events {}
      http { access_log off; include \(dir)/conf.d/*.conf; include \(dir)/sites-enabled/*; }
      """, to: "nginx.conf")
    switch kind {
    case .standIn:
      let root = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
      let run = "exec /usr/bin/python3 -B '/\(root)/Fixtures/nginx.py' '\(dir)'"
      try world.guest.install("nginx", "\(test)\(run) test\n")
      try world.guest.install("systemctl", "\(faults)exec 2>&1\n\(run) \"$@\"\n")
    case .real:
      let run = "/usr/sbin/nginx -c '\(dir)/nginx.conf' -e '\(dir)/error.log'"
      try world.guest.install("nginx", "\(test)exec \(run) \"$@\"\n")
      try world.guest.install(
        "systemctl",
        faults
          + #"""
          pid=$(cat '\#(dir)/nginx.pid' 2> /dev/null)
          alive() { [ -n "$pid" ] && kill -0 "$pid" 2> /dev/null; }
          case $1 in
            is-active)
              if alive; then state=active; else state=inactive; fi
              [ "$2" = --quiet ] || echo $state
              [ $state = active ] || exit 3
              ;;
            is-enabled) if [ -e '\#(dir)/disabled' ]; then echo disabled; exit 1; else echo enabled; fi ;;
            enable) rm -f '\#(dir)/disabled' ;;
            start) alive || \#(run) ;;
            stop) kill "$pid"; while alive; do sleep 0.05; done ;;
            reload) alive && kill -HUP "$pid" ;;
            show) if alive; then echo "$pid"; else echo 0; fi ;;
          esac
          """#)
    }
  }

  func systemctl(_ verb: String) async throws {
    try await Programs.run([directory.file("bin/systemctl"), verb])
  }

  /// Lets systemctl do something wrong; nil ends it.
  func fault(_ name: String?) throws {
    unlink(directory.file("fault"))
    if let name { try directory.write(name, to: "fault") }
  }

  /// Makes the configuration one that nginx refuses, or mends it.
  func breakConfiguration(_ broken: Bool) throws {
    unlink(directory.file("conf.d/zz-broken.conf"))
    guard broken else { return }
    try directory.write(
      """
      server {
        listen \(port) ssl;
        server_name broken.internal.example;
        ssl_certificate /nonexistent/cert.pem;
        ssl_certificate_key /nonexistent/key.pem;
      }

      """, to: "conf.d/zz-broken.conf")
  }

  var desired: Nginx.Desired { Nginx.Desired(gateway: gateway) }

  var gateway: Nginx.Gateway {
    var layout = Nginx.Layout()
    layout.configurationDirectory = directory.file("conf.d")
    layout.mainFile = directory.file("nginx.conf")
    layout.memory = directory.file("memory")
    (layout.httpPort, layout.httpsPort) = (httpPort, port)
    let upstream = HostAndPort("127.0.0.1:\(meshPort)").map {
      Nginx.Upstream(
        address: $0, name: "traefik.internal.example", client: client.place)
    }
    return Nginx.Gateway(
      login: wanted.login, layout: layout,
      hosts: wanted.names.map {
        Nginx.Host(name: $0, certificate: wanted.place, isOwn: $0 == "nginx.internal.example")
      },
      upstream: upstream, rootFingerprint: world.authority.root.sha256)
  }

  /// Our file as it should be now.
  func file() async -> GatewayFile {
    let generation = await files().places[client.place.name]?.value?.generation
    return GatewayFile(gateway: gateway, generation: generation ?? "")
  }

  /// Delivers a certificate for the names from the authority's own key, and one to show Traefik when there is none.
  @discardableResult
  func deliver(life: Duration = .seconds(86_400), age: Duration = .seconds(60)) async throws -> Certificate {
    if await files().places[client.place.name]?.value?.leaf == nil { try await deliver(client) }
    return try await deliver(wanted, life: life, age: age)
  }

  @discardableResult
  func deliver(
    _ wanted: Certificates.DesiredCertificate, life: Duration = .seconds(86_400), age: Duration = .seconds(60)
  ) async throws -> Certificate {
    let key = try PrivateKey.generate()
    let start = HostClock.system.wall() + (.zero - age)
    let chain = try await world.authority.mint(
      names: wanted.names, key: key, notBefore: start, notAfter: start + life)
    let identity = Certificates.Identity(chain: chain, rootPEM: world.authority.root.pem, key: key)
    try await world.put(identity, wanted)
    return chain.leaf
  }

  /// What the owner of the files sees and publishes.
  func files() async -> Certificates.Observed {
    await certificates.observe(.everything, desired: world.desired(wanted, client))
  }

  func look() async -> Nginx.Observed { await nginx.observe(.everything, desired: desired) }

  func changes() async -> [Change] {
    Nginx.diff(
      desired: desired, observed: await look(), facts: Facts(Certificates.facts(of: await files())),
      now: world.clock.now)
  }

  /// One pass: every change that is not held and still wanted, in the order of what they require.
  @discardableResult
  func pass() async throws -> [Change] {
    let planned = await changes()
    for change in planned where change.hold == nil {
      let (observed, facts) = (await look(), Facts(Certificates.facts(of: await files())))
      let wanted = Nginx.diff(desired: desired, observed: observed, facts: facts, now: world.clock.now)
      guard let now = wanted.first(where: { $0.resource == change.resource }) else { continue }
      try await nginx.apply(now, desired: desired, observed: observed, facts: facts)
    }
    return planned
  }

  /// Passes until nothing is wanted: nginx's old workers take a moment to leave.
  func settle() async throws {
    guard try await eventually({ try await pass().isEmpty }) else { throw Trouble("still wanted") }
  }

  /// The failure of a pass that finds something to do: on a busy machine a look may take too long.
  func failure() async throws -> Failure {
    do {
      for _ in 0..<20 { if try await !pass().isEmpty { break } }
    } catch let failure as Failure {
      return failure
    }
    throw Trouble("it succeeded")
  }

  /// The fingerprints that fresh connections see.
  func served() async -> [String] {
    let look = await look()
    return Set(gateway.hosts.flatMap { look.served($0)?.value?.fingerprints ?? [] }).sorted()
  }

  /// Whether this one is served, and soon nothing else: nginx's old workers take a moment to leave.
  func serves(_ leaf: Certificate) async -> Bool {
    for _ in 0..<50 {
      if await served() == [leaf.sha256] { return true }
      try? await Task.sleep(for: .milliseconds(100))
    }
    return false
  }

  var generation: String? {
    get async { await files().places[wanted.place.name]?.value?.generation }
  }
}
