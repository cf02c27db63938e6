public import PhoenixCore

extension Nginx {
  /// Makes the desired gateway: a server for each declared name that a delivered certificate covers.
  public static func compile(_ inventory: Inventory, _ nodes: ConfigurationNodes) -> Compiled<Desired> {
    compile(inventory, layout: Layout())
  }

  static func compile(_ inventory: Inventory, layout: Layout) -> Compiled<Desired> {
    var compiler = GatewayCompiler(inventory: inventory)
    let compiled = compiler.gateway(layout)
    compiler.tellUnused(by: compiled?.gateway)
    return Compiled(
      Desired(gateway: compiled?.gateway), resources: compiled?.resources ?? [], findings: compiler.findings)
  }
}

/// Makes the gateway out of the users' files.
private struct GatewayCompiler {
  /// Traefik's entry point for the gateway.
  private static let meshPort = 8443

  private let inventory: Inventory
  private(set) var findings: [Finding] = []

  /// A certificate for nginx in the gateway's guest.
  private struct Candidate {
    let place: CertificatePlace
    let names: [String]
    let use: CertificateEntry.Use
  }

  init(inventory: Inventory) { self.inventory = inventory }

  mutating func gateway(_ layout: Nginx.Layout)
    -> (gateway: Nginx.Gateway, resources: [DeclaredResource])?
  {
    let names = inventory.gatewayHosts
    guard let first = names.first else { return nil }
    guard let guest = inventory.gateway else {
      warn(
        first.location, "\(first.name) is not served: no guest is the gateway",
        hint: "declare guest 101, or one whose name begins with nginx")
      return nil
    }
    // Without a way in nothing is delivered either, and that is told already.
    guard case .success(let login) = inventory.login(to: guest.id) else { return nil }
    let candidates = candidates(in: guest)
    guard candidates.contains(where: { $0.use == .server }) else {
      warn(
        guest.location, "no name is served: no certificate of the manifest is for nginx in \(guest.name)",
        hint: "declare one with guest_id \(guest.id) and the consumer nginx")
      return nil
    }
    let served = names.compactMap { name in
      host(name, of: guest, candidates).map { (host: $0, location: name.location) }
    }
    guard !served.isEmpty else { return nil }
    let gateway = Nginx.Gateway(
      login: login, layout: layout, hosts: served.map(\.host),
      upstream: upstream(of: guest, candidates),
      rootFingerprint: inventory.settings.stepCA.rootFingerprint?.lowercased())
    var needed = Set(gateway.certificates.map(\.resource))
    if let upstream = gateway.upstream { needed.insert(upstream.client.resource) }
    let resources =
      [DeclaredResource(gateway.resource, requires: needed.sorted(), at: guest.location)]
      + served.map { host, location in
        DeclaredResource(
          host.resource, requires: [gateway.resource, host.certificate.resource], at: location)
      }
    return (gateway, resources.sorted { $0.id < $1.id })
  }

  /// Certificates that say nginx uses them, which nobody makes it take up.
  mutating func tellUnused(by gateway: Nginx.Gateway?) {
    var used = Set(gateway?.certificates.map(\.name) ?? [])
    if let upstream = gateway?.upstream { used.insert(upstream.client.name) }
    for place in inventory.certificates.flatMap(\.places)
    where place.consumer == .nginx && !used.contains(place.name) {
      guard case .success = inventory.login(to: place.guest) else { continue }
      warn(
        place.location,
        "\(place.name) is delivered to guest \(place.guest), and nobody makes nginx there take it up",
        hint: "declare a name of the gateway that it covers, or write the consumer \"unit nginx\"")
    }
  }

  // MARK: Names

  private mutating func host(
    _ name: GatewayHost, of guest: Guest, _ candidates: [Candidate]
  ) -> Nginx.Host? {
    let servers = candidates.filter { $0.use == .server }
    guard HostName.isValid(name.name) else {
      warn(
        name.location, "\(name.name.quotedForPeople) is not served: it is no host name",
        hint: "a name has letters, digits and - in labels of at most 63")
      return nil
    }
    let exact = servers.first { $0.names.contains { $0.lowercased() == name.name } }
    guard let found = exact ?? servers.first(where: { $0.names.contains { Self.covers($0, name.name) } })
    else {
      warn(
        name.location,
        "\(name.name) is not served: no certificate for nginx in \(guest.name) has that name",
        hint: "add the name, or a wildcard for it, to the sans of one in the manifest")
      return nil
    }
    let own = [guest.service?.name, inventory.site.domain].compactMap { $0?.lowercased() }
    return Nginx.Host(
      name: name.name, certificate: found.place,
      isOwn: own.count == 2 && own.joined(separator: ".") == name.name)
  }

  /// Whether a wildcard covers a name: it stands for one label.
  private static func covers(_ wildcard: String, _ name: String) -> Bool {
    guard wildcard.hasPrefix("*."), let dot = name.firstIndex(of: ".") else { return false }
    return name[dot...] == wildcard.lowercased().dropFirst()
  }

  /// What the manifest has for nginx in a guest; nginx takes a `$` in a path for a variable.
  private mutating func candidates(in guest: Guest) -> [Candidate] {
    inventory.certificates.flatMap { entry in
      entry.places.filter { $0.guest == guest.id && $0.consumer == .nginx }.map {
        Candidate(place: $0, names: entry.names, use: entry.use)
      }
    }.filter { candidate in
      guard (candidate.place.base + candidate.place.certificatePath + candidate.place.keyPath).contains("$")
      else { return true }
      warn(
        candidate.place.location,
        "nginx does not use \(candidate.place.name): it takes a $ in a path for a variable",
        hint: "name a path without $")
      return false
    }
  }

  // MARK: Traefik

  private mutating func upstream(
    of guest: Guest, _ candidates: [Candidate]
  ) -> Nginx.Upstream? {
    func missing(_ what: String, hint: String) {
      warn(guest.location, "the gateway passes nothing on to Traefik: \(what)", hint: hint)
    }
    let client = candidates.first { $0.use == .client }?.place
    if client == nil {
      missing(
        "no client certificate of the manifest is for nginx in \(guest.name)",
        hint: "declare one, such as nginx-gateway-client, with cert_type client and the consumer nginx")
    }
    let traefik = inventory.reverseProxy
    let address = traefik?.address.flatMap { address in
      HostAndPort("\(address.asURLHost):\(Self.meshPort)")
    }
    if address == nil {
      missing(
        "no guest with a static address runs it", hint: "declare guest 102, or one with the feature traefik")
    }
    let name = traefik.flatMap { traefik in
      inventory.certificates.first { entry in
        entry.use == .server && HostName.isValid(entry.commonName)
          && entry.places.contains { $0.guest == traefik.id && $0.consumer == .traefik }
      }?.commonName
    }
    if traefik != nil, name == nil {
      missing(
        "no server certificate of the manifest is for it, so it could not be known again",
        hint: "declare one with the consumer traefik")
    }
    guard let client, let address, let name else { return nil }
    return Nginx.Upstream(address: address, name: name, client: client)
  }

  private mutating func warn(_ location: Location, _ message: String, hint: String) {
    findings.append(Finding(.warning, at: location, message, hint: hint))
  }
}
