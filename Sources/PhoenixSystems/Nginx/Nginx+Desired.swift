public import PhoenixCore

extension Nginx {
  /// The gateway; nil when the files declare nothing for it to serve.
  public struct Desired: Codable, Equatable, Sendable {
    /// The gateway.
    public var gateway: Gateway?

    /// Creates a desired state.
    public init(gateway: Gateway? = nil) { self.gateway = gateway }
  }

  /// An nginx in a guest, with a file of ours.
  public struct Gateway: Codable, Equatable, Sendable {
    /// The way into the guest.
    public var login: GuestLogin
    /// How nginx is known there.
    public var layout: Layout
    /// The names that it serves, sorted.
    public var hosts: [Host]
    /// Where requests go; nil when the files do not say all that mutual TLS takes, and nothing is passed on.
    public var upstream: Upstream?
    /// SHA-256 of the CA's root, which answers from outside are checked against; nil when none is pinned.
    public var rootFingerprint: String?

    /// Creates a gateway.
    public init(
      login: GuestLogin, layout: Layout, hosts: [Host], upstream: Upstream?, rootFingerprint: String?
    ) {
      self.login = login
      self.layout = layout
      self.hosts = hosts
      self.upstream = upstream
      self.rootFingerprint = rootFingerprint
    }

    /// Where our file lies.
    var path: String { "\(layout.configurationDirectory)/\(GatewayFile.name)" }
    /// Where it answers to others.
    var address: HostAndPort? {
      HostAndPort("\(login.address.asURLHost):\(layout.httpsPort)")
    }
    /// A file of the CA's root in the guest; nil when no certificate is.
    var rootPath: String? {
      (upstream?.client ?? hosts.first?.certificate)?.currentPath(of: CertificatePlace.rootFile)
    }
    /// The certificates that the names are served with, each once, by name.
    var certificates: [CertificatePlace] {
      var seen: Set<String> = []
      return hosts.map(\.certificate).filter { seen.insert($0.name).inserted }.sorted { $0.name < $1.name }
    }
    /// The resource that stands for our file.
    var resource: ResourceID { ResourceID(.nginx, "gateway", String(login.guest)) }

    /// The names that are served with a certificate, sorted.
    func hosts(of certificate: String) -> [Host] { hosts.filter { $0.certificate.name == certificate } }
  }

  /// A name that the gateway serves.
  public struct Host: Codable, Equatable, Sendable {
    /// The name, in small letters.
    public var name: String
    /// What it is served with.
    public var certificate: CertificatePlace
    /// Whether it is the gateway's own, which is answered by nginx itself: passed on, it would come back.
    public var isOwn: Bool

    /// Creates a name.
    public init(name: String, certificate: CertificatePlace, isOwn: Bool = false) {
      self.name = name
      self.certificate = certificate
      self.isOwn = isOwn
    }

    /// The resource that stands for it.
    var resource: ResourceID { ResourceID(.nginx, "served", name) }
  }

  /// Traefik's entry point for the gateway, and what mutual TLS with it takes.
  public struct Upstream: Codable, Equatable, Sendable {
    /// Its address and port.
    public var address: HostAndPort
    /// The name that its certificate must have.
    public var name: String
    /// The certificate that nginx shows it. Traefik's must lead to the root beside it.
    public var client: CertificatePlace

    /// Creates an upstream.
    public init(address: HostAndPort, name: String, client: CertificatePlace) {
      self.address = address
      self.name = name
      self.client = client
    }
  }
}
