import PhoenixCore
import Testing

@testable import PhoenixSystems

@Suite("The gateway out of the users' files")
struct NginxCompileTests {
  /// What the files say, with a part changed at a time.
  private struct Files {
    var manifest = Files.manifest
    var service = #"{"name": "nginx", "port": 443, "scheme": "https"}"#
    var traefik =
      #""102": {"name": "Traefik", "network_config": {"name": "eth0", "ip": "10.0.0.12/24", "gw": "10.0.0.1"}},"#
    var gatewayName = "Nginx-Phoenix"
    var gatewayAddress = "10.0.0.153/24"

    static let manifest = [
      entry("nginx.internal.example", sans: ["*.internal.example"], root: true),
      entry("nginx-gateway-client.internal.example", use: "client"),
      entry("traefik.internal.example", guest: 102, consumer: "traefik"),
    ]

    static func entry(
      _ name: String, sans: [String] = [], use: String = "server", guest: Int = 101,
      consumer: String = "nginx",
      root: Bool = false, path: String = "/etc/ssl/c"
    ) -> String {
      let sans = sans.isEmpty ? "" : #""sans": [\#(sans.map { "\"\($0)\"" }.joined(separator: ", "))],"#
      let root = root ? #", "ca_path": "/etc/ssl/root""# : ""
      return #"""
        {"common_name": "\#(name)", \#(sans) "cert_type": "\#(use)", "cert_path": "\#(path).\#(name)", "key_path": "/etc/ssl/k.\#(name)",
         "deploy": [{"guest_id": \#(guest), "cert_path": "\#(path).\#(name)", "key_path": "/etc/ssl/k.\#(name)", "consumer": "\#(consumer)"\#(root)}]}
        """#
    }

    func compile() throws -> Compiled<Nginx.Desired> {
      var nodes = ConfigurationNodes()
      nodes.certificates = try node("[\(manifest.joined(separator: ","))]", "certificate-manifest.json")
      nodes.hypervisor = try node(#"{"domain_name": "internal.example"}"#, "phoenix_hypervisor_config.json")
      nodes.containers = try node(
        #"""
        {"lxc_configs": {\#(traefik)
          "101": {"name": "\#(gatewayName)", "traefik_service": \#(service),
                  "network_config": {"name": "eth0", "ip": "\#(gatewayAddress)", "gw": "10.0.0.1"}},
          "104": {"name": "web", "traefik_service": {"name": "web", "port": 80},
                  "network_config": {"name": "eth0", "ip": "10.0.0.14/24", "gw": "10.0.0.1"}}}}
        """#, "phoenix_lxc_configs.json")
      let loaded = LoadedConfiguration(nodes)
      #expect(!loaded.hasErrors, "\(loaded.findings)")
      return Nginx.compile(loaded.inventory, loaded.nodes)
    }

    private func node(_ text: String, _ file: String) throws -> Node {
      try #require(JSONText.parse(Array(text.utf8), file: file).root)
    }
  }

  private func messages(_ compiled: Compiled<Nginx.Desired>) -> String {
    compiled.findings.map(\.message).joined(separator: "\n")
  }

  @Test("Names, their certificates, and what they wait for")
  func whole() throws {
    var files = Files()
    files.manifest.append(Files.entry("web.internal.example"))
    let compiled = try files.compile()
    #expect(compiled.findings == [])
    let gateway = try #require(compiled.desired.gateway)
    #expect(gateway.hosts.map(\.name) == ["nginx.internal.example", "web.internal.example"])
    #expect(gateway.hosts.map(\.isOwn) == [true, false])
    // The exact name goes before the wildcard.
    #expect(gateway.hosts.map(\.certificate.name) == ["nginx.internal.example", "web.internal.example"])
    #expect(gateway.upstream?.address.description == "10.0.0.12:8443")
    #expect(gateway.upstream?.name == "traefik.internal.example")
    #expect(gateway.upstream?.client.name == "nginx-gateway-client.internal.example")
    let certificates = "certificates/certificate"
    #expect(
      compiled.resources.map { "\($0.id) <- \($0.requires.map(\.description).joined(separator: ", "))" } == [
        "nginx/gateway/101 <- \(certificates)/nginx-gateway-client.internal.example, "
          + "\(certificates)/nginx.internal.example, \(certificates)/web.internal.example",
        "nginx/served/nginx.internal.example <- nginx/gateway/101, \(certificates)/nginx.internal.example",
        "nginx/served/web.internal.example <- nginx/gateway/101, \(certificates)/web.internal.example",
      ])
  }

  @Test("A wildcard stands for one label")
  func wildcard() throws {
    var files = Files()
    files.service = #"{"name": "a.b", "port": 443, "scheme": "https"}"#
    let compiled = try files.compile()
    #expect(compiled.desired.gateway?.hosts.map(\.name) == ["web.internal.example"])
    #expect(messages(compiled).contains("a.b.internal.example is not served: no certificate"))
    #expect(compiled.findings.first?.location?.file == "phoenix_lxc_configs.json")
  }

  @Test("A $ in a path of nginx's is told, and the certificate is not used")
  func dollar() throws {
    var files = Files()
    files.manifest.insert(Files.entry("web.internal.example", path: "/etc/$ssl/c"), at: 0)
    let compiled = try files.compile()
    #expect(
      compiled.desired.gateway?.hosts.allSatisfy { $0.certificate.name == "nginx.internal.example" } == true)
    #expect(messages(compiled).contains("nginx does not use web.internal.example"))
  }

  @Test(
    "Where a part of mutual TLS is missing, that is told, and the names are served without",
    arguments: [
      (1, "no client certificate of the manifest is for nginx in Nginx-Phoenix"),
      (2, "no server certificate of the manifest is for it"),
    ])
  func missingEntry(index: Int, message: String) throws {
    var files = Files()
    files.manifest.remove(at: index)
    let compiled = try files.compile()
    #expect(
      messages(compiled) == "the gateway passes nothing on to Traefik: \(message)"
        + (index == 2
          ? ", so it could not be known again\nnginx-gateway-client.internal.example is delivered to guest 101, and nobody makes nginx there take it up"
          : ""))
    let gateway = try #require(compiled.desired.gateway)
    #expect(gateway.upstream == nil && gateway.hosts.count == 2)
    #expect(compiled.resources.first?.requires.count == 1)
  }

  @Test(
    "The root that Traefik is checked against lies beside the client certificate, whatever the manifest says of it"
  )
  func root() throws {
    var files = Files()
    files.manifest[0] = Files.entry("nginx.internal.example", sans: ["*.internal.example"])
    let gateway = try #require(try files.compile().desired.gateway)
    let base = "/var/lib/phoenix-certificates/nginx-gateway-client.internal.example"
    #expect(gateway.rootPath == "\(base)/current/ca.pem")
    let text = GatewayFile(gateway: gateway, generation: "g1").file.text
    #expect(text.contains("proxy_ssl_trusted_certificate \"\(base)/current/ca.pem\";"))
    #expect(!text.contains("/etc/ssl/root"))
  }

  @Test("Without Traefik nothing is passed on")
  func noTraefik() throws {
    var files = Files()
    files.traefik = ""
    files.manifest.removeLast()
    let compiled = try files.compile()
    #expect(messages(compiled).contains("no guest with a static address runs it"))
    #expect(compiled.desired.gateway?.upstream == nil)
  }

  @Test("Without any certificate for nginx, one finding says so")
  func noCertificates() throws {
    var files = Files()
    files.manifest = []
    let compiled = try files.compile()
    #expect(compiled.resources.isEmpty && compiled.desired.gateway == nil)
    #expect(
      compiled.findings.map(\.message) == [
        "no name is served: no certificate of the manifest is for nginx in Nginx-Phoenix"
      ])
  }

  @Test("A guest that cannot be reached has no gateway")
  func noAddress() throws {
    var files = Files()
    files.gatewayAddress = "dhcp"
    #expect(try files.compile().desired.gateway == nil)
  }

  @Test("A certificate that says nginx and that the gateway does not use is told")
  func unused() throws {
    var files = Files()
    files.manifest += [
      Files.entry("other.example.internal.example"), Files.entry("x.internal.example", guest: 104),
    ]
    let compiled = try files.compile()
    #expect(
      compiled.findings.map(\.message) == [
        "other.example.internal.example is delivered to guest 101, and nobody makes nginx there take it up",
        "x.internal.example is delivered to guest 104, and nobody makes nginx there take it up",
      ])
  }
}
