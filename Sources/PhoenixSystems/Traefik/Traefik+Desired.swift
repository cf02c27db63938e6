public import PhoenixCore

extension Traefik {
  /// What Traefik should be.
  public struct Desired: Codable, Equatable, Sendable {
    /// Traefik itself; nil when no guest runs it, or it cannot be kept.
    public var proxy: Proxy?
    /// What it serves, by the names of the certificates.
    public var servers: [String: Server]
    /// Its routers, by name.
    public var routers: [String: Router]

    /// Creates a desired state.
    public init(proxy: Proxy? = nil, servers: [String: Server] = [:], routers: [String: Router] = [:]) {
      self.proxy = proxy
      self.servers = servers
      self.routers = routers
    }
  }

  /// Traefik in its guest, with our files.
  public struct Proxy: Codable, Equatable, Sendable {
    /// The way into the guest.
    public var login: GuestLogin
    /// How it is known there.
    public var layout: Layout
    /// The static file.
    public var staticFile: ServiceFile
    /// What the dynamic file is made of, beside facts.
    public var plan: DynamicPlan
    /// Where its entry point mesh is reached.
    public var address: String
    /// The name that is asked for there.
    public var serverName: String
    /// The client certificate that its API is asked with; nil when nobody may ask it.
    public var identity: String?
    /// A certificate of the same CA, in its guest, that is not let in: it shows that others stay outside.
    public var stranger: CertificatePlace?

    /// Its entry point mesh.
    var mesh: HostAndPort? {
      HostAndPort("\(address.asURLHost):\(layout.meshPort)")
    }
    /// The resource that stands for its static file and its unit.
    var staticResource: ResourceID { ResourceID(.traefik, "static", String(login.guest)) }
    /// The resource that stands for its dynamic file.
    var dynamicResource: ResourceID { ResourceID(.traefik, "dynamic", String(login.guest)) }
  }

  /// What the dynamic file is made of, beside facts.
  public struct DynamicPlan: Codable, Equatable, Sendable {
    /// A service of a guest.
    public struct GuestRoute: Codable, Equatable, Sendable {
      /// The name of router and service.
      public var name: String
      /// The host name.
      public var host: String
      /// Where the service is.
      public var url: String
      /// The name that its certificate must be for, from our root; nil for plain HTTP, and where Traefik's own roots
      /// must do.
      public var verifiedName: String?
    }

    /// A service of ours for a router that a stack's labels declare.
    public struct Backend: Codable, Equatable, Sendable {
      /// The router's name, and so the service's.
      public var router: String
      /// The fact that tells its servers; nil when the labels name no port.
      public var servers: FactKey?
    }

    /// The certificates that are served; the first one is the default.
    public var certificates: [CertificatePlace]
    /// The names of the client certificates that are let in.
    public var clients: [String]
    /// Those of them whose consumers tell which generation they have loaded: their old leaf stays until then.
    public var tellingClients: [String]
    /// The host name of the API.
    public var apiHost: String
    /// Who may ask the API; nil for nobody.
    public var daemonAddress: String?
    /// Guests' services.
    public var guestRoutes: [GuestRoute]
    /// Stacks' services.
    public var backends: [Backend]
  }

  /// A certificate that Traefik serves.
  public struct Server: Codable, Equatable, Sendable {
    /// The certificate's files.
    public var place: CertificatePlace
    /// The name that is asked for.
    public var host: String

    /// The resource that stands for it.
    var resource: ResourceID { ResourceID(.traefik, "served", place.name) }
  }

  /// A router that Traefik must have.
  public struct Router: Codable, Equatable, Sendable {
    /// Its name.
    public var name: String
    /// Who declares it: `file` is ourselves.
    public var provider: String
    /// Its rule.
    public var rule: String
    /// The entry points that the labels name; none for all.
    public var entryPoints: [String]
    /// The service that it leads to, with its provider.
    public var service: String
    /// The host that a request asks for; nil when the rule names none.
    public var host: String?
    /// The path that a request asks for.
    public var path: String
    /// The swarm service behind it; nil for a guest's.
    public var swarmService: String?

    /// The resource that stands for it.
    var resource: ResourceID { ResourceID(.traefik, "router", name) }
  }

  /// Makes the desired state out of the guest that runs Traefik, its certificates, and all routes.
  public static func compile(_ inventory: Inventory, _ nodes: ConfigurationNodes) -> Compiled<Desired> {
    compile(inventory, layout: Layout())
  }

  static func compile(_ inventory: Inventory, layout: Layout) -> Compiled<Desired> {
    TraefikCompiler(inventory: inventory, layout: layout).compiled
  }
}
