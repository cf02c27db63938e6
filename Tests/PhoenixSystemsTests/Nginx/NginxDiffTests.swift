import PhoenixCore
import PhoenixNetwork
import Testing

@testable import PhoenixSystems

@Suite("What a gateway needs")
struct NginxDiffTests {
  private typealias Fixtures = CertificateFixtures

  private static let server = Nginx.Server(
    place: Fixtures.place, login: Fixtures.login, address: "10.0.0.153", port: 443,
    host: "nginx.internal.example")

  private static var desired: Nginx.Desired {
    let gateway = Nginx.Gateway(
      login: Fixtures.login, path: "/etc/nginx/conf.d/phoenix-gateway.conf",
      others: ["/etc/nginx/conf.d/*.conf", "/etc/nginx/sites-enabled/*"], text: GatewayFile.text([server]),
      hosts: ["nginx.internal.example"])
    return Nginx.Desired(gateways: [101: gateway], servers: [Fixtures.place.name: server])
  }

  private static var right: Nginx.Observed {
    Nginx.Observed(
      gateways: [
        101: .known(Nginx.GatewayState(unit: "active", sha256: desired.gateways[101]?.sha256))
      ],
      servers: [Fixtures.place.name: .known(Nginx.ServerState(fingerprints: ["f1"]))])
  }

  private static let facts = Facts([
    FactKey("certificate.fingerprint", of: "nginx.internal.example"): .known(.text("f1"))
  ])

  private func changes(_ observed: Nginx.Observed, facts: Facts = Self.facts) -> [Change] {
    Nginx.diff(desired: Self.desired, observed: observed, facts: facts, now: Fixtures.now)
  }

  @Test("What is right needs nothing")
  func nothing() {
    #expect(changes(Self.right).isEmpty)
  }

  @Test(
    "What is served is compared with what was delivered",
    arguments: [
      (["f2"], ["fingerprint"]), (["f1", "f2"], ["fingerprint"]), ([], ["fingerprint"]),
    ] as [([String], [String])])
  func served(fingerprints: [String], fields: [String]) {
    var observed = Self.right
    observed.servers[Fixtures.place.name] = .known(
      Nginx.ServerState(fingerprints: fingerprints, trouble: fingerprints.isEmpty ? "refused" : nil))
    #expect(changes(observed).map { $0.fields.map(\.field) } == [fields])
  }

  @Test(
    "Without a certificate, or without knowing it, nothing is reloaded",
    arguments: [Reading<FactValue>.absent, .unreadable("no route")])
  func unknownFact(reading: Reading<FactValue>) {
    var observed = Self.right
    observed.servers[Fixtures.place.name] = .known(Nginx.ServerState(fingerprints: ["f2"]))
    let facts = Facts([FactKey("certificate.fingerprint", of: "nginx.internal.example"): reading])
    #expect(changes(observed, facts: facts).isEmpty)
    #expect(changes(observed, facts: Facts()).isEmpty)
  }

  @Test("A stopped nginx is a difference; one that is not installed is held")
  func unit() {
    var observed = Self.right
    observed.gateways[101] = .known(
      Nginx.GatewayState(unit: "failed", sha256: Self.desired.gateways[101]?.sha256))
    #expect(changes(observed).first?.reason == "nginx does not run")
    observed.gateways[101] = .known(
      Nginx.GatewayState(unit: "missing", sha256: Self.desired.gateways[101]?.sha256))
    #expect(changes(observed).first?.hold?.contains("not installed") == true)
  }

  @Test("Ours beside somebody else's is held until one of them goes")
  func claims() {
    var observed = Self.right
    observed.gateways[101] = .known(
      Nginx.GatewayState(unit: "active", sha256: "other", claims: ["/etc/nginx/x:1 is the default server"]))
    #expect(changes(observed).first?.hold?.contains("default server") == true)
  }

  @Test(
    "Claims are read out of others' lines",
    arguments: [
      ("/etc/nginx/a:3:  listen 443 ssl default_server;", 1),
      ("/etc/nginx/a:3:  listen [::]:443 ssl default_server;", 1),
      ("/etc/nginx/a:3:  listen 443 ssl;", 0), ("/etc/nginx/a:3:  listen 80 default_server;", 0),
      ("/etc/nginx/a:3:  listen 8443 ssl default_server;", 0),
      ("/etc/nginx/a:3:server_name x NGINX.internal.example;", 1),
      ("/etc/nginx/a:3:  server_name *.internal.example;", 0),
      ("/etc/nginx/a:3:  server_name _; # nginx.internal.example", 0),
      ("/etc/nginx/conf.d/phoenix-gateway.conf:3:  listen 443 ssl http2 default_server;", 0), ("nonsense", 0),
      ("", 0),
    ])
  func foreign(line: String, count: Int) throws {
    let gateway = try #require(Self.desired.gateways[101])
    #expect(ForeignServers.claims([line], against: gateway).count == count)
  }

  @Test("The file of ours, to the letter")
  func file() {
    #expect(
      GatewayFile.text([Self.server]) == """
        # Kept by Phoenix: what is changed here is put back.
        server {
          listen 443 ssl http2 default_server;
          server_name nginx.internal.example;
          ssl_certificate "/etc/nginx/ssl/nginx.crt";
          ssl_certificate_key "/etc/nginx/ssl/nginx.key";
          ssl_protocols TLSv1.2 TLSv1.3;
          ssl_session_tickets off;
          location = /.well-known/phoenix {
            default_type text/plain;
            return 200 "phoenix\\n";
          }
          location / {
            return 444;
          }
        }

        """)
  }

  @Test("Nginx's certificates make a gateway, in the order: certificate, file, service")
  func compile() throws {
    var inventory = Inventory()
    var guest = Guest(id: 101, name: "Nginx-Phoenix", kind: .container, location: Fixtures.location)
    guest.interfaces = [GuestInterface(name: "eth0", block: "10.0.0.153/24")]
    inventory.guests = [guest]
    var entry = CertificateEntry(
      commonName: "nginx.internal.example", certificatePath: "/a/c", keyPath: "/a/k",
      location: Fixtures.location)
    entry.guest = 101
    entry.renewalCommand = try RenewalCommand("pct exec 101 -- systemctl reload nginx")
    var client = CertificateEntry(
      commonName: "client.internal.example", certificatePath: "/b/c", keyPath: "/b/k",
      location: Fixtures.location)
    client.guest = 101
    client.use = .client
    client.renewalCommand = entry.renewalCommand
    inventory.certificates = [entry, client]
    let compiled = Nginx.compile(inventory, ConfigurationNodes())
    #expect(
      compiled.resources.map { "\($0.id) <- \($0.requires.map(\.description).joined(separator: ", "))" } == [
        "nginx/gateway/101 <- certificates/certificate/nginx.internal.example",
        "nginx/served/nginx.internal.example <- nginx/gateway/101, certificates/certificate/nginx.internal.example",
      ])
    #expect(compiled.desired.servers["nginx.internal.example"]?.address == "10.0.0.153")
    #expect(compiled.desired.servers["nginx.internal.example"]?.port == 443)
  }
}
