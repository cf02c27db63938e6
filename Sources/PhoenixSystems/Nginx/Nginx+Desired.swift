public import PhoenixCore

extension Nginx {
  /// Which guests run the gateway, and which certificates it serves.
  public struct Desired: Codable, Equatable, Sendable {
    /// The gateways, by the numbers of their guests.
    public var gateways: [Int: Gateway]
    /// The servers, by the names of their certificates.
    public var servers: [String: Server]

    /// Creates a desired state.
    public init(gateways: [Int: Gateway] = [:], servers: [String: Server] = [:]) {
      self.gateways = gateways
      self.servers = servers
    }
  }

  /// An nginx in a guest, with a file of ours.
  public struct Gateway: Codable, Equatable, Sendable {
    /// The way into the guest.
    public var login: GuestLogin
    /// Where our file lies.
    public var path: String
    /// Where other server blocks may lie: files, with `*` for any.
    public var others: [String]
    /// What our file holds.
    public var text: String
    /// The host names that our file serves.
    public var hosts: [String]

    /// Creates a gateway.
    public init(login: GuestLogin, path: String, others: [String], text: String, hosts: [String]) {
      self.login = login
      self.path = path
      self.others = others
      self.text = text
      self.hosts = hosts
    }

    /// SHA-256 of our file.
    var sha256: String { SHA256.hexDigest(of: Array(text.utf8)) }
    /// The resource that stands for it.
    var resource: ResourceID { ResourceID(.nginx, "gateway", String(login.guest)) }
  }

  /// A certificate that an nginx serves.
  public struct Server: Codable, Equatable, Sendable {
    /// The certificate's files.
    public var place: CertificatePlace
    /// The way into the guest.
    public var login: GuestLogin
    /// The address at which it must be served.
    public var address: String
    /// The port.
    public var port: Int
    /// The name that is asked for.
    public var host: String

    /// Creates a server.
    public init(place: CertificatePlace, login: GuestLogin, address: String, port: Int, host: String) {
      self.place = place
      self.login = login
      self.address = address
      self.port = port
      self.host = host
    }

    /// The resource that stands for it.
    var resource: ResourceID { ResourceID(.nginx, "served", place.name) }
  }

  /// Makes the desired gateways out of the manifest: every server certificate whose consumer is nginx.
  public static func compile(_ inventory: Inventory, _ nodes: ConfigurationNodes) -> Compiled<Desired> {
    compile(inventory, layout: Layout())
  }

  static func compile(_ inventory: Inventory, layout: Layout) -> Compiled<Desired> {
    var desired = Desired()
    var findings: [Finding] = []
    var locations: [Int: Location] = [:]
    for entry in inventory.certificates where entry.use == .server {
      for place in entry.places where place.consumer == .nginx {
        // Without a way in nothing is delivered either, and that is told already.
        guard case .success(let login) = inventory.login(to: place.guest) else { continue }
        if (place.certificatePath + place.keyPath).contains("$") {
          findings.append(
            Finding(
              .warning, at: place.location,
              "\(place.name) is not served: nginx takes a $ in a path for a variable",
              hint: "name a path without $"))
          continue
        }
        desired.servers[place.name] = server(place, login, entry, &findings)
        locations[place.guest] = locations[place.guest] ?? place.location
      }
    }
    let servers = Dictionary(grouping: desired.servers.values, by: \.login)
    for (login, servers) in servers {
      let servers = servers.sorted { $0.place.location < $1.place.location }
      desired.gateways[login.guest] = Gateway(
        login: login, path: "\(layout.configurationDirectory)/\(GatewayFile.name)",
        others: ["\(layout.configurationDirectory)/*.conf", "\(layout.siteDirectory)/*"],
        text: GatewayFile.text(servers), hosts: servers.map(\.host))
    }
    return Compiled(
      desired, resources: resources(desired, locations), findings: findings)
  }

  private static func server(
    _ place: CertificatePlace, _ login: GuestLogin, _ entry: CertificateEntry, _ findings: inout [Finding]
  ) -> Server {
    var address = login.address
    if let probe = place.probe {
      if IPAddress(probe.host) != nil {
        address = probe.host
      } else {
        findings.append(
          Finding(
            .note, at: place.location,
            "the probe of \(place.name) goes to \(login.address), the address of \(login.name)",
            hint: "write an address instead of \(probe.host) when another one is meant"))
      }
    }
    let host = entry.names.first { !$0.hasPrefix("*") && IPAddress($0) == nil }
    let wildcard = entry.commonName.hasPrefix("*.") ? "gateway\(entry.commonName.dropFirst())" : nil
    return Server(
      place: place, login: login, address: address, port: place.probe?.port ?? 443,
      host: host ?? wildcard ?? address)
  }

  private static func resources(_ desired: Desired, _ locations: [Int: Location]) -> [DeclaredResource] {
    let gateways = desired.gateways.values.map { gateway in
      let places = desired.servers.values.filter { $0.login == gateway.login }.map(\.place.resource)
      return DeclaredResource(
        gateway.resource, requires: places.sorted(), at: locations[gateway.login.guest])
    }
    let servers = desired.servers.values.compactMap { server -> DeclaredResource? in
      guard let gateway = desired.gateways[server.login.guest] else { return nil }
      return DeclaredResource(
        server.resource, requires: [gateway.resource, server.place.resource], at: server.place.location)
    }
    return (gateways + servers).sorted { $0.id < $1.id }
  }
}
