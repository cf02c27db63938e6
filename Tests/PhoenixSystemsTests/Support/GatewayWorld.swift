import FoundationEssentials
import Glibc
import PhoenixCore
import PhoenixHost
import PhoenixNetwork

@testable import PhoenixSystems

/// An nginx in a guest that is this machine, and certificates delivered there.
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
  let wanted: Certificates.DesiredCertificate
  private let certificates: Certificates

  init(_ kind: Kind, commandTimeout: Duration = .seconds(30), proofTime: Duration = .seconds(10)) async throws
  {
    let world = try CertificateWorld(try await StepCAServer.make())
    self.world = world
    port = try Server.freePort()
    wanted = world.wanted("nginx.internal.example", names: [], consumer: .nginx, port: port)
    certificates = world.certificates()
    let shell = world.guest.shell
    nginx = Nginx(
      shell: { () throws(Failure) in shell }, clock: world.clock.clock, commandTimeout: commandTimeout,
      proofTime: proofTime)
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
          reload-hangs-once) rm '\#(dir)/fault'; sleep 31337 & sleep 31337 ;;
        esac
      fi

      """#
    switch kind {
    case .standIn:
      let root = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
      let run = "exec /usr/bin/python3 -B '/\(root)/Fixtures/nginx.py' '\(dir)'"
      try world.guest.install("nginx", "\(run) test\n")
      try world.guest.install("systemctl", "\(faults)exec 2>&1\n\(run) $1\n")
    case .real:
      try directory.write(
        """
        user root;
        worker_processes 1;
        pid \(dir)/nginx.pid;
        error_log \(dir)/error.log;
        events {}
        http { access_log off; include \(dir)/conf.d/*.conf; }
        """, to: "nginx.conf")
      let run = "/usr/sbin/nginx -c '\(dir)/nginx.conf' -e '\(dir)/error.log'"
      try world.guest.install("nginx", "exec \(run) \"$@\"\n")
      try world.guest.install(
        "systemctl",
        faults
          + #"""
          pid=$(cat '\#(dir)/nginx.pid' 2> /dev/null)
          alive() { [ -n "$pid" ] && kill -0 "$pid" 2> /dev/null; }
          case $1 in
            is-active) if alive; then echo active; else echo inactive; exit 3; fi ;;
            start) alive || \#(run) ;;
            stop) kill "$pid"; while alive; do sleep 0.05; done ;;
            reload) alive && kill -HUP "$pid" ;;
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
        listen 127.0.0.1:\(port) ssl;
        server_name broken.internal.example;
        ssl_certificate /nonexistent/cert.pem;
        ssl_certificate_key /nonexistent/key.pem;
      }

      """, to: "conf.d/zz-broken.conf")
  }

  var desired: Nginx.Desired {
    let server = Nginx.Server(
      place: wanted.place, login: wanted.login, address: "127.0.0.1", port: port,
      host: "nginx.internal.example")
    let gateway = Nginx.Gateway(
      login: wanted.login, path: directory.file("conf.d/phoenix-gateway.conf"),
      others: ["\(directory.path)/conf.d/*.conf", "\(directory.path)/sites-enabled/*"],
      text: GatewayFile.text([server]), hosts: [server.host])
    return Nginx.Desired(gateways: [101: gateway], servers: [wanted.place.name: server])
  }

  /// Delivers a certificate from the authority's own key.
  @discardableResult
  func deliver(life: Duration = .seconds(86_400), age: Duration = .seconds(60)) async throws -> Certificate {
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
    await certificates.observe(.everything, desired: world.desired(wanted))
  }

  func look() async -> Nginx.Observed { await nginx.observe(.everything, desired: desired) }

  func changes() async -> [Change] {
    Nginx.diff(
      desired: desired, observed: await look(), facts: Facts(Certificates.facts(of: await files())),
      now: world.clock.now)
  }

  /// One pass: every change that is not held, in the order of what they require.
  @discardableResult
  func pass() async throws -> [Change] {
    let changes = await changes()
    for change in changes where change.hold == nil {
      let facts = Facts(Certificates.facts(of: await files()))
      try await nginx.apply(change, desired: desired, observed: await look(), facts: facts)
    }
    return changes
  }

  func failure() async throws -> Failure {
    do { try await pass() } catch let failure as Failure { return failure }
    throw Trouble("it succeeded")
  }

  /// The fingerprints that fresh connections see.
  func served() async -> [String] {
    let look = await look()
    return look.servers[wanted.place.name]?.value?.fingerprints ?? []
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
