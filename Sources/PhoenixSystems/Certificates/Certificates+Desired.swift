public import PhoenixCore

extension Certificates {
  /// Which certificates there should be, and where.
  public struct Desired: Codable, Equatable, Sendable {
    /// Who issues them; nil when no address of Step-CA is known.
    public var authority: Authority?
    /// The certificates by their names, as `CertificatePlace.name` says them.
    public var certificates: [String: DesiredCertificate]

    /// Creates a desired state.
    public init(authority: Authority?, certificates: [String: DesiredCertificate]) {
      self.authority = authority
      self.certificates = certificates
    }
  }

  /// Who issues certificates.
  public struct Authority: Codable, Equatable, Sendable {
    /// Its address without a slash at the end, such as `https://10.0.0.10:9000`.
    public var url: String
    /// Its host, the subject of its facts.
    public var host: String
    /// The provisioner's name; nil when no file says it.
    public var provisioner: String?
    /// The name of the credential with the provisioner's password.
    public var passwordCredential: String

    /// Creates an authority.
    public init(url: String, host: String, provisioner: String?, passwordCredential: String) {
      self.url = url
      self.host = host
      self.provisioner = provisioner
      self.passwordCredential = passwordCredential
    }
  }

  /// Where a certificate is used.
  public enum Destination: Codable, Equatable, Sendable {
    /// At paths in a guest.
    case guest(CertificatePlace, GuestLogin)
    /// By phoenixd itself, which keeps it in its state directory.
    case here
  }

  /// One certificate at one place.
  public struct DesiredCertificate: Codable, Equatable, Sendable {
    /// Its name, the subject of its facts.
    public var name: String
    /// The common name.
    public var commonName: String
    /// Where it is used.
    public var destination: Destination
    /// All its names, sorted.
    public var names: [String]
    /// What it is used for.
    public var use: CertificateEntry.Use
    /// How long it should be valid; nil for what the authority gives.
    public var lifetime: Duration?
    /// What is run in the guest after a delivery, for consumers that Phoenix does not know; the words of a
    /// command.
    public var hook: [String]?
    /// The facts that must list a new leaf's SHA-1 before it takes the place of one that is still good.
    public var admissions: [FactKey]

    /// Creates a certificate in a guest.
    public init(
      place: CertificatePlace, login: GuestLogin, names: [String], use: CertificateEntry.Use = .server,
      lifetime: Duration? = nil, hook: [String]? = nil, admissions: [FactKey] = []
    ) {
      name = place.name
      commonName = place.commonName
      destination = .guest(place, login)
      self.names = Set(names).sorted()
      self.use = use
      self.lifetime = lifetime
      self.hook = hook
      self.admissions = admissions
    }

    /// Creates phoenixd's own certificate.
    public init(own: OwnCertificate, admissions: [FactKey]) {
      name = own.name
      commonName = own.name
      destination = .here
      names = [own.name]
      use = .client
      lifetime = own.lifetime
      hook = nil
      self.admissions = admissions
    }

    /// The resource that stands for it.
    public var resource: ResourceID { ResourceID(.certificates, "certificate", name) }
  }

  /// Makes the desired certificates out of the manifest, and phoenixd's own.
  public static func compile(_ inventory: Inventory, _ nodes: ConfigurationNodes) -> Compiled<Desired> {
    var compiler = CertificateCompiler(inventory)
    for entry in inventory.certificates { compiler.add(entry) }
    compiler.addOwn()
    return Compiled(compiler.desired, resources: compiler.resources, findings: compiler.findings)
  }
}

/// Makes desired certificates, one entry of the manifest after another.
private struct CertificateCompiler {
  private let inventory: Inventory
  private(set) var desired: Certificates.Desired
  private(set) var resources: [DeclaredResource] = []
  private(set) var findings: [Finding] = []

  init(_ inventory: Inventory) {
    self.inventory = inventory
    let settings = inventory.settings.stepCA
    var authority: Certificates.Authority?
    if let url = settings.url, let host = settings.host {
      authority = Certificates.Authority(
        url: url.hasSuffix("/") ? String(url.dropLast()) : url, host: host,
        provisioner: settings.provisioner, passwordCredential: settings.passwordCredential)
    }
    desired = Certificates.Desired(authority: authority, certificates: [:])
  }

  mutating func add(_ entry: CertificateEntry) {
    if entry.isOwn { return noteOwn(entry) }
    if entry.commonName == inventory.ownCertificate?.name {
      return warn(
        entry.location, "\(entry.commonName) is not kept: phoenixd's own client certificate is called that",
        hint: "give it another common_name, or cert_type client")
    }
    let places = entry.places
    if places.isEmpty {
      warn(
        entry.location, "\(entry.commonName) is not kept: its paths are the host's",
        hint: "files of the host need phoenix-node there; name a guest with guest_id or deploy")
    }
    for place in places { add(place, of: entry) }
  }

  /// phoenixd's own certificate, which needs no entry.
  mutating func addOwn() {
    guard let own = inventory.ownCertificate else { return }
    let wanted = Certificates.DesiredCertificate(own: own, admissions: inventory.admissions(of: own.name))
    desired.certificates[own.name] = wanted
    declare(wanted, at: own.location)
  }

  private mutating func noteOwn(_ entry: CertificateEntry) {
    note(
      entry.location,
      inventory.ownCertificate == nil
        ? "\(entry.commonName) is not kept: there is neither a swarm manager nor Traefik to show it to"
        : "\(entry.commonName) is phoenixd's own: it is kept in its state directory, and nothing is put at "
          + "\(entry.certificatePath)")
  }

  private mutating func declare(_ wanted: Certificates.DesiredCertificate, at location: Location?) {
    resources.append(
      DeclaredResource(
        wanted.resource, requires: [inventory.settings.stepCA.resource].compactMap { $0 },
        admittedBy: inventory.doors(of: wanted.name).map { $0.door.resource(on: $0.guest) }, at: location))
  }

  private mutating func add(_ place: CertificatePlace, of entry: CertificateEntry) {
    let login: GuestLogin
    switch inventory.login(to: place.guest) {
    case .success(let found): login = found
    case .failure(let reason):
      return warn(
        place.location, "\(place.name) is not delivered: \(reason)",
        hint: "declare a guest with a static address that is reached by SSH")
    }
    let wanted = Certificates.DesiredCertificate(
      place: place, login: login, names: entry.names, use: entry.use, lifetime: entry.lifetime,
      hook: hook(of: place, entry), admissions: inventory.admissions(of: place.name))
    desired.certificates[place.name] = wanted
    declare(wanted, at: place.location)
  }

  /// What is run after a delivery, where no system of Phoenix makes the consumer take the certificate up.
  private mutating func hook(of place: CertificatePlace, _ entry: CertificateEntry) -> [String]? {
    switch place.consumer {
    case .nginx, .traefik, .dockerAPI: return nil
    case .unit(let name): return ["systemctl", "reload-or-restart", "--", name]
    case .portainer:
      note(
        place.location, "\(place.name) is delivered, and nobody tells portainer about a new one yet")
      return nil
    case nil: break
    }
    guard let command = entry.renewalCommand else { return nil }
    guard let guest = command.guest else {
      warn(
        entry.location, "post_renewal_command of \(entry.commonName) is not run: it is a command of the host",
        hint: "commands of the host need phoenix-node there; pct exec ID -- runs one in a guest")
      return nil
    }
    guard guest == place.guest else {
      warn(
        entry.location,
        "post_renewal_command of \(entry.commonName) is not run: it is for guest \(guest), and the files go to \(place.guest)",
        hint: "write deploy with a consumer")
      return nil
    }
    return command.words
  }

  private mutating func warn(_ location: Location, _ message: String, hint: String) {
    findings.append(Finding(.warning, at: location, message, hint: hint))
  }

  private mutating func note(_ location: Location, _ message: String) {
    findings.append(Finding(.note, at: location, message))
  }
}
