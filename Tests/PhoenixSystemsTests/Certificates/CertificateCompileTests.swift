import PhoenixCore
import Testing

@testable import PhoenixSystems

@Suite("Certificates out of the manifest")
struct CertificateCompileTests {
  private static let lxc = #"""
    {"lxc_configs": {
      "101": {"name": "Nginx-Phoenix", "network_config": {"name": "eth0", "ip": "10.0.0.153/24", "gw": "10.0.0.1"}},
      "102": {"name": "Traefik", "network_config": {"name": "eth0", "ip": "10.0.0.12/24", "gw": "10.0.0.1"}},
      "104": {"name": "dhcp", "network_config": {"name": "eth0", "ip": "dhcp"}}}}
    """#

  private func load(_ manifest: String, containers: String = lxc) throws -> LoadedConfiguration {
    var nodes = ConfigurationNodes()
    nodes.certificates = try node(manifest, "certificate-manifest.json")
    nodes.containers = try node(containers, "phoenix_lxc_configs.json")
    nodes.daemon = try node(
      #"{"step_ca": {"url": "https://10.0.0.10:9000/", "provisioner": "admin"}}"#, "phoenixd.json")
    return LoadedConfiguration(nodes)
  }

  private func node(_ text: String, _ file: String) throws -> Node {
    let parsed = JSONText.parse(Array(text.utf8), file: file)
    return try #require(parsed.root)
  }

  private func compile(_ manifest: String, containers: String = lxc) throws -> Compiled<Certificates.Desired>
  {
    let loaded = try load(manifest, containers: containers)
    return Certificates.compile(loaded.inventory, loaded.nodes)
  }

  /// What goes into guests.
  private func delivered(_ compiled: Compiled<Certificates.Desired>) -> [String] {
    compiled.desired.certificates.values.filter { $0.destination != .here }.map(\.name).sorted()
  }

  private static func entry(_ more: String = "") -> String {
    #"[{"common_name": "nginx.internal.example", "cert_path": "/etc/ssl/a.crt", "key_path": "/etc/ssl/a.key"\#(more)}]"#
  }

  @Test("A guest's entry is delivered there, and waits for the authority")
  func implicitPlace() throws {
    let compiled = try compile(Self.entry(#", "guest_id": 101, "include_ca": true, "permissions": "600""#))
    let wanted = try #require(compiled.desired.certificates["nginx.internal.example"])
    #expect(
      wanted.login == GuestLogin(guest: 101, name: "Nginx-Phoenix", address: "10.0.0.153", user: "root"))
    #expect(wanted.place.rootPath == "/etc/ssl/ca.pem")
    #expect(wanted.place.mode == FileMode(bits: 0o600))
    #expect(wanted.place.base == "/var/lib/phoenix-certificates/nginx.internal.example")
    #expect(compiled.resources.first?.requires.map(\.description) == ["step-ca/authority/10.0.0.10"])
    #expect(compiled.desired.authority?.url == "https://10.0.0.10:9000")
  }

  @Test("Paths of the host are told and left alone")
  func hostPaths() throws {
    let compiled = try compile(Self.entry())
    #expect(delivered(compiled).isEmpty)
    #expect(compiled.findings.map(\.severity) == [.warning])
    #expect(compiled.findings.first?.message.contains("host") == true)
  }

  @Test("Two guests get a certificate each, by names of their own")
  func twoPlaces() throws {
    let compiled = try compile(
      Self.entry(
        #"""
        , "deploy": [{"guest_id": 101, "cert_path": "/a/c", "key_path": "/a/k", "consumer": "nginx"},
                     {"guest_id": 102, "cert_path": "/a/c", "key_path": "/a/k", "consumer": "traefik"},
                     {"guest_id": 102, "cert_path": "/b/c", "key_path": "/b/k"}]
        """#))
    #expect(
      delivered(compiled) == [
        "nginx.internal.example@101", "nginx.internal.example@102", "nginx.internal.example@102.2",
      ])
  }

  @Test("A guest without a static address is told")
  func noAddress() throws {
    let compiled = try compile(Self.entry(#", "guest_id": 104"#))
    #expect(delivered(compiled).isEmpty)
    #expect(compiled.findings.first?.message.contains("no static address") == true)
  }

  @Test(
    "Commands after a renewal: known consumers take their own way, others run in the guest, the host's are told",
    arguments: [
      ("pct exec 101 -- systemctl reload nginx", nil, 0),
      ("pct exec 101 -- /usr/local/bin/reload 'two words'", ["/usr/local/bin/reload", "two words"], 0),
      ("pct exec 102 -- /usr/local/bin/reload", nil, 1), ("/usr/local/bin/reload", nil, 1),
    ] as [(String, [String]?, Int)])
  func hook(command: String, words: [String]?, findings: Int) throws {
    let compiled = try compile(
      Self.entry(#", "guest_id": 101, "post_renewal_command": "\#(command)""#))
    #expect(compiled.desired.certificates["nginx.internal.example"]?.hook == words)
    #expect(compiled.findings.count == findings)
  }

  @Test(
    "Names and paths that lead elsewhere are errors of the file",
    arguments: [
      #"{"common_name": "../../x", "guest_id": 101, "cert_path": "/a", "key_path": "/b"}"#,
      #"{"common_name": "a\nb", "guest_id": 101, "cert_path": "/a", "key_path": "/b"}"#,
      #"{"common_name": "a.b", "sans": ["c\nd"], "guest_id": 101, "cert_path": "/a", "key_path": "/b"}"#,
      #"{"common_name": "a.b", "guest_id": 101, "cert_path": "/a/../b", "key_path": "/b"}"#,
      #"{"common_name": "a.b", "guest_id": 101, "cert_path": "a", "key_path": "/b"}"#,
      #"{"common_name": "-a.b", "guest_id": 101, "cert_path": "/a", "key_path": "/b"}"#,
    ])
  func refused(entry: String) throws {
    let loaded = try load("[\(entry)]")
    #expect(loaded.hasErrors)
    #expect(
      loaded.findings.contains { $0.location?.file == "certificate-manifest.json" && $0.severity == .error })
  }

  // MARK: Clients

  @Test(
    "Clients wait for the doors they open, phoenixd's own certificate needs no entry, others wait for nobody")
  func clients() throws {
    let compiled = LawExample.compile(Certificates.self)
    func admissions(_ role: String) -> [String]? {
      compiled.desired.certificates["\(role).internal.example"]?.admissions.map(\.subject)
    }
    #expect(admissions("nginx") == [])
    #expect(admissions("traefik-client") == ["docker-api/1001 traefik-client.internal.example"])
    #expect(admissions("nginx-gateway-client") == ["traefik/102 nginx-gateway-client.internal.example"])
    let own = try #require(compiled.desired.certificates["phoenix-client.internal.example"])
    #expect(own.destination == .here)
    #expect(own.names == ["phoenix-client.internal.example"])
    #expect(own.use == .client)
    #expect(own.admissions.count == 2)
    let declared = compiled.resources.first { $0.id == own.resource }
    #expect(declared?.requires.map(\.system) == [.stepCA])
    #expect(
      declared?.admittedBy.map(\.description) == ["docker-api/proxy/1001", "traefik/dynamic/102"])
    #expect(compiled.resources.count == compiled.desired.certificates.count)
  }

  /// Without anybody to whom phoenixd would speak.
  private static let alone = #"""
    {"lxc_configs": {
      "101": {"name": "Nginx-Phoenix", "network_config": {"name": "eth0", "ip": "10.0.0.153/24", "gw": "10.0.0.1"}}}}
    """#

  @Test("An entry for phoenixd's own certificate says how long it lives, and nothing is put at its paths")
  func ownEntry() throws {
    let manifest = #"""
      [{"common_name": "phoenix-client.internal.example", "cert_type": "client", "lifetime": "48h",
        "cert_path": "/etc/ssl/p.crt", "key_path": "/etc/ssl/p.key"}]
      """#
    let compiled = try compile(manifest)
    let own = try #require(compiled.desired.certificates["phoenix-client.internal.example"])
    #expect(compiled.resources.map(\.id) == [own.resource])
    #expect(own.destination == .here)
    #expect(own.lifetime == .seconds(48 * 3600))
    #expect(compiled.findings.map(\.severity) == [.note])
    #expect(try compile(manifest, containers: Self.alone).resources.isEmpty)
    #expect(try compile(manifest, containers: Self.alone).findings.first?.message.contains("neither") == true)
  }

  @Test("A server's certificate by the name of phoenixd's own is told and left alone")
  func ownName() throws {
    var inventory = try load("[]").inventory
    let name = try #require(inventory.ownCertificate?.name)
    var entry = CertificateEntry(
      commonName: name, certificatePath: "/a", keyPath: "/b", location: CertificateFixtures.location)
    entry.guest = 101
    inventory.certificates = [entry]
    let compiled = Certificates.compile(inventory, ConfigurationNodes())
    #expect(compiled.desired.certificates[name]?.destination == .here)
    #expect(compiled.resources.count == 1)
    #expect(compiled.findings.map(\.severity) == [.warning])
  }

  @Test(
    "Only a consumer whom nobody tells is told of",
    arguments: [("traefik", 0), ("docker-api", 0), ("portainer", 1)])
  func consumers(consumer: String, notes: Int) throws {
    let compiled = try compile(
      Self.entry(
        #", "deploy": [{"guest_id": 101, "cert_path": "/a", "key_path": "/b", "consumer": "\#(consumer)"}]"#))
    #expect(compiled.findings.count == notes)
  }
}
