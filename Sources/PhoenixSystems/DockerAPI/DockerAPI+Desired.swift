public import PhoenixCore

extension DockerAPI {
  /// Which engines must stay on their sockets, and which doors lead to them.
  public struct Desired: Codable, Equatable, Sendable {
    /// Where things lie in guests.
    public var layout: Layout
    /// The swarm's nodes, by number.
    public var engines: [Int: Engine]
    /// The managers' doors, by number.
    public var doors: [Int: Door]
    /// Whom the doors let in, by name.
    public var clients: [Client]
    /// A certificate of the same CA that opens no door: it shows that they stay closed to it.
    public var stranger: Client?

    /// Creates a desired state.
    public init(
      layout: Layout = Layout(), engines: [Int: Engine] = [:], doors: [Int: Door] = [:],
      clients: [Client] = [], stranger: Client? = nil
    ) {
      self.layout = layout
      self.engines = engines
      self.doors = doors
      self.clients = clients
      self.stranger = stranger
    }
  }

  /// A dockerd in a guest.
  public struct Engine: Codable, Equatable, Sendable {
    /// The way into the guest.
    public var login: GuestLogin
    /// All its static addresses.
    public var addresses: [String]

    /// Creates an engine.
    public init(login: GuestLogin, addresses: [String]) {
      self.login = login
      self.addresses = addresses
    }

    /// The resource that stands for it.
    var resource: ResourceID { ResourceID(.dockerAPI, "engine", String(login.guest)) }
  }

  /// The proxy before a manager's dockerd.
  public struct Door: Codable, Equatable, Sendable {
    /// The way into the guest.
    public var login: GuestLogin
    /// The server certificate that it shows.
    public var place: CertificatePlace

    /// Creates a door.
    public init(login: GuestLogin, place: CertificatePlace) {
      self.login = login
      self.place = place
    }

    /// The resource that stands for the proxy.
    var proxy: ResourceID { ResourceID(.dockerAPI, "proxy", String(login.guest)) }
    /// The resource that stands for what it shows and whom it lets in.
    var served: ResourceID { ResourceID(.dockerAPI, "served", String(login.guest)) }
    /// The root that clients must chain to.
    var rootPath: String { place.deliveredRoot }
  }

  /// A client certificate.
  public struct Client: Codable, Equatable, Sendable {
    /// Its name, the subject of its facts.
    public var name: String
    /// Its common name.
    public var commonName: String
    /// Where its files are, with the way there; nil for phoenixd itself, or where there is no way.
    public var home: Home?
    /// Whether it is phoenixd itself.
    public var isOwn: Bool

    /// The files of a client in its guest.
    public struct Home: Codable, Equatable, Sendable {
      /// The way into the guest.
      public var login: GuestLogin
      /// The files.
      public var place: CertificatePlace
    }

    /// Creates a client.
    public init(name: String, commonName: String, home: Home? = nil, isOwn: Bool = false) {
      self.name = name
      self.commonName = commonName
      self.home = home
      self.isOwn = isOwn
    }
  }

  /// Makes the desired state out of the swarm's nodes and the manifest.
  public static func compile(_ inventory: Inventory, _ nodes: ConfigurationNodes) -> Compiled<Desired> {
    var desired = Desired()
    var findings: [Finding] = []
    var resources: [DeclaredResource] = []
    for guest in inventory.swarmManagers + inventory.swarmWorkers {
      switch inventory.login(to: guest.id) {
      case .success(let login):
        let engine = Engine(login: login, addresses: guest.addresses)
        desired.engines[guest.id] = engine
        resources.append(DeclaredResource(engine.resource, at: guest.location))
      case .failure(let reason):
        findings.append(
          Finding(
            .warning, at: guest.location, "how dockerd of \(guest.name) listens is not looked at: \(reason)"))
      }
    }
    for manager in inventory.swarmManagers {
      guard let engine = desired.engines[manager.id],
        let door = door(to: manager, engine, inventory, &findings)
      else { continue }
      desired.doors[manager.id] = door
      // It does not wait for dockerd: whatever is wrong there, clients come and go, and certificates are renewed.
      resources.append(
        DeclaredResource(door.proxy, requires: [door.place.resource], at: door.place.location))
      resources.append(
        DeclaredResource(door.served, requires: [door.proxy, door.place.resource], at: door.place.location))
    }
    desired.clients = inventory.clients(of: .dockerAPI).map { client in
      Client(
        name: client.name, commonName: client.commonName,
        home: client.place.flatMap { home(of: $0, inventory) }, isOwn: client.place == nil)
    }
    desired.stranger = stranger(inventory, beside: desired.clients)
    return Compiled(desired, resources: resources.sorted { $0.id < $1.id }, findings: findings)
  }

  private static func door(
    to manager: Guest, _ engine: Engine, _ inventory: Inventory, _ findings: inout [Finding]
  ) -> Door? {
    let candidates = inventory.certificates.filter { $0.use == .server }.flatMap { entry in
      entry.places.filter { $0.guest == manager.id && $0.consumer == .dockerAPI }.map { (entry, $0) }
    }
    guard let (entry, place) = candidates.first else {
      findings.append(
        Finding(
          .warning, at: manager.location,
          "the Docker API of \(manager.name) stays on its socket: no server certificate is declared for it",
          hint: "add an entry to certificate-manifest.json that is deployed to guest \(manager.id) with the "
            + "consumer docker-api"))
      return nil
    }
    if let (_, other) = candidates.dropFirst().first {
      findings.append(
        Finding(
          .warning, at: other.location,
          "\(other.name) is not served: the Docker API of \(manager.name) shows \(place.name)"))
    }
    if (place.certificatePath + place.keyPath + place.deliveredRoot).contains("$") {
      findings.append(
        Finding(
          .warning, at: place.location,
          "\(place.name) is not served: nginx takes a $ in a path for a variable",
          hint: "name a path without $"))
      return nil
    }
    if !entry.names.contains(engine.login.address) {
      findings.append(
        Finding(
          .warning, at: place.location,
          "clients that ask \(engine.login.address) will refuse \(place.name): it is not among its names",
          hint: "add \"\(engine.login.address)\" to its sans"))
    }
    return Door(login: engine.login, place: place)
  }

  private static func home(of place: CertificatePlace, _ inventory: Inventory) -> Client.Home? {
    guard case .success(let login) = inventory.login(to: place.guest) else { return nil }
    return Client.Home(login: login, place: place)
  }

  /// A certificate of the same CA that opens no Docker API, to be refused: one that lies beside a declared client,
  /// since the firewall lets nobody else's packets come that far, or else the first client certificate.
  private static func stranger(_ inventory: Inventory, beside clients: [Client]) -> Client? {
    let near = Set(clients.compactMap { $0.home?.login.guest }).subtracting(inventory.swarmManagers.map(\.id))
    let entries = inventory.certificates.filter { !$0.isOwn }
    let places =
      entries.flatMap(\.places).filter { near.contains($0.guest) }.sorted { $0.name < $1.name }
      + entries.filter { $0.use == .client }.flatMap(\.places).sorted { $0.name < $1.name }
    return places.lazy.compactMap { place in
      guard !clients.contains(where: { $0.name == place.name || $0.commonName == place.commonName }),
        let home = home(of: place, inventory)
      else { return nil }
      return Client(name: place.name, commonName: place.commonName, home: home)
    }.first
  }
}
