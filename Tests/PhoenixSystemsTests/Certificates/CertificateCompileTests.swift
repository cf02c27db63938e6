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

  private func load(_ manifest: String) throws -> LoadedConfiguration {
    var nodes = ConfigurationNodes()
    nodes.certificates = try node(manifest, "certificate-manifest.json")
    nodes.containers = try node(Self.lxc, "phoenix_lxc_configs.json")
    nodes.daemon = try node(
      #"{"step_ca": {"url": "https://10.0.0.10:9000/", "provisioner": "admin"}}"#, "phoenixd.json")
    return LoadedConfiguration(nodes)
  }

  private func node(_ text: String, _ file: String) throws -> Node {
    let parsed = JSONText.parse(Array(text.utf8), file: file)
    return try #require(parsed.root)
  }

  private func compile(_ manifest: String) throws -> Compiled<Certificates.Desired> {
    let loaded = try load(manifest)
    return Certificates.compile(loaded.inventory, loaded.nodes)
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
    #expect(compiled.resources.isEmpty)
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
      compiled.resources.map(\.id.name).sorted() == [
        "nginx.internal.example@101", "nginx.internal.example@102", "nginx.internal.example@102.2",
      ])
  }

  @Test("A guest without a static address is told")
  func noAddress() throws {
    let compiled = try compile(Self.entry(#", "guest_id": 104"#))
    #expect(compiled.resources.isEmpty)
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
}
