import PhoenixCore

/// Makes the desired state out of the users' files. Pure.
struct TraefikCompiler {
  let inventory: Inventory
  let layout: Traefik.Layout

  private typealias Desired = Traefik.Desired
  private typealias Plan = Traefik.DynamicPlan

  var compiled: Compiled<Traefik.Desired> {
    guard let guest = inventory.reverseProxy else { return Compiled(Desired(), resources: []) }
    // Without a way in nothing is delivered either, and that is told already.
    guard case .success(let login) = inventory.login(to: guest.id) else {
      return Compiled(Desired(), resources: [])
    }
    var findings: [Finding] = []
    let places = entries(.server, in: guest).map(\.place)
    guard let first = places.first else {
      findings.append(
        Finding(
          .warning, at: guest.location,
          "Traefik in \(guest.name) (\(guest.id)) is left alone: the manifest has no server certificate for it",
          hint: "add an entry to certificate-manifest.json with a deploy to \(guest.id) and consumer traefik")
      )
      return Compiled(Desired(), resources: [], findings: findings)
    }
    let daemon = inventory.site.hypervisorAddress
    if daemon == nil {
      findings.append(
        Finding(
          .warning, at: guest.location, "Traefik's API answers nobody: the hypervisor's address is not known",
          hint: "set network.interfaces.address in phoenix_hypervisor_config.json"))
    }
    let guestRoutes = guestRoutes(&findings)
    let backends = backends(guestRoutes, &findings)
    let clients = inventory.clients(of: .traefik)
    let plan = Plan(
      certificates: places, clients: clients.map(\.name),
      // The gateway keeps its certificate in memory until it is loaded again.
      tellingClients: clients.filter { $0.place?.consumer == .nginx }.map(\.name), apiHost: login.address,
      daemonAddress: daemon, guestRoutes: guestRoutes, backends: backends.map(\.backend))
    let client = entries(.client, in: guest).first?.place
    let proxy = Traefik.Proxy(
      login: login, layout: layout,
      staticFile: ServiceFile(layout.staticPath, text: staticText(guest, client, &findings)), plan: plan,
      address: apiAddress ?? login.address, serverName: host(of: first),
      identity: daemon == nil ? nil : inventory.ownCertificate?.name,
      stranger: clients.contains { $0.name == client?.name } ? nil : client)
    var desired = Desired(proxy: proxy)
    for place in places { desired.servers[place.name] = Traefik.Server(place: place, host: host(of: place)) }
    for route in guestRoutes { desired.routers[route.name] = router(route) }
    for route in backends { desired.routers[route.route.name] = router(route.route) }
    return Compiled(
      desired, resources: resources(desired, proxy, client, backends.map(\.route)), findings: findings)
  }

  // MARK: Certificates

  private struct Entry {
    let entry: CertificateEntry
    let place: CertificatePlace
  }

  /// Traefik's own, in the order of the file.
  private func entries(_ use: CertificateEntry.Use, in guest: Guest) -> [Entry] {
    inventory.certificates.filter { $0.use == use }.flatMap { entry in
      entry.places.filter { $0.guest == guest.id && $0.consumer == .traefik }.map {
        Entry(entry: entry, place: $0)
      }
    }
  }

  /// A name that the certificate is for, to ask for it.
  private func host(of place: CertificatePlace) -> String {
    let names = inventory.certificates.first { $0.commonName == place.commonName }?.names ?? []
    return names.first { !$0.hasPrefix("*") && IPAddress($0) == nil }
      ?? (place.commonName.hasPrefix("*.") ? "traefik\(place.commonName.dropFirst())" : place.commonName)
  }

  // MARK: Static

  private var apiAddress: String? {
    guard let url = inventory.settings.traefikAPI, let host = ServiceAddress(url)?.host,
      IPAddress(host) != nil
    else { return nil }
    return host
  }

  private func staticText(_ guest: Guest, _ client: CertificatePlace?, _ findings: inout [Finding]) -> String
  {
    var swarm: StaticFile.Swarm?
    if let manager = inventory.settings.dockerManagers.first {
      if let client {
        swarm = StaticFile.Swarm(
          endpoint: manager, rootPath: client.deliveredRoot, certificatePath: client.certificatePath,
          keyPath: client.keyPath)
      } else {
        findings.append(
          Finding(
            .warning, at: guest.location,
            "Traefik does not read the swarm: the manifest has no client certificate for it",
            hint: "add an entry of cert_type client with a deploy to \(guest.id) and consumer traefik"))
      }
      if let others = inventory.settings.dockerManagers.dropFirst().nonEmptyText {
        findings.append(
          Finding(
            .note, at: guest.location,
            "Traefik reads the swarm from \(manager) alone, and not from \(others): it takes one address",
            hint: "while that manager is away, routes stay as they were"))
      }
    }
    return StaticFile(layout: layout, gateway: inventory.gateway?.address, swarm: swarm).text
  }

  // MARK: Routes

  private func guestRoutes(_ findings: inout [Finding]) -> [Plan.GuestRoute] {
    guard let domain = inventory.site.domain else { return [] }
    return inventory.routes.sorted { $0.name < $1.name }.compactMap { service in
      guard let guest = inventory[guest: service.guest], let address = guest.address else { return nil }
      if guest.id == inventory.gateway?.id {
        findings.append(
          Finding(
            .note, at: service.location,
            "\(service.name) has no router: it is the gateway, and a request would go round for ever"))
        return nil
      }
      let host = "\(service.name).\(domain)".lowercased()
      var route = Plan.GuestRoute(
        name: service.name, host: host,
        url: "\(service.scheme)://\(address.asURLHost):\(service.port)")
      if service.scheme == "https" {
        route.verifiedName = serverName(of: service, host: host)
        if route.verifiedName == nil {
          findings.append(
            Finding(
              .warning, at: service.location,
              "Traefik cannot check the certificate of \(service.name): the manifest has none for port "
                + "\(service.port) of \(guest.name) (\(guest.id))",
              hint: "add one to certificate-manifest.json, or serve it by plain http"))
        }
      }
      return route
    }
  }

  /// The name for which the manifest has a certificate where a service listens.
  private func serverName(of service: RoutedService, host: String) -> String? {
    let entries = inventory.certificates.filter { entry in
      entry.use == .server && entry.places.contains { $0.guest == service.guest }
    }
    let probed = entries.first { entry in entry.places.contains { $0.probe?.port == service.port } }
    let named = entries.first { $0.names.contains(host) }
    guard let entry = named ?? probed ?? (entries.count == 1 ? entries.first : nil) else { return nil }
    return entry.names.contains(host) ? host : entry.names.first { !$0.hasPrefix("*") }
  }

  private struct RoutedBackend {
    let route: StackRoute
    let backend: Plan.Backend
  }

  private func backends(_ guestRoutes: [Plan.GuestRoute], _ findings: inout [Finding]) -> [RoutedBackend] {
    var taken = Set(guestRoutes.map(\.name))
    return inventory.stackRoutes.sorted { ($0.name, $0.location) < ($1.name, $1.location) }.compactMap {
      route in
      guard route.name.utf8.allSatisfy(Self.isNameByte), !route.name.isEmpty else {
        findings.append(
          Finding(
            .warning, at: route.location,
            "the router \(route.name.quotedForPeople) is left alone: no plain name",
            hint: "name it with letters, digits, - and _"))
        return nil
      }
      guard taken.insert(route.name).inserted else {
        findings.append(
          Finding(
            .warning, at: route.location, "the router \(route.name) is left alone: another one has its name",
            hint: "give it another name"))
        return nil
      }
      if route.port == nil {
        findings.append(
          Finding(
            .warning, at: route.location, "the router \(route.name) has no servers: its labels name no port",
            hint: "add traefik.http.services.\(route.name).loadbalancer.server.port=PORT"))
      }
      if let unknown = route.entryPoints.first(where: { !StaticFile.entryPoints.contains($0) }) {
        findings.append(
          Finding(
            .warning, at: route.location,
            "the router \(route.name) is at \(unknown.escapedForTerminals), which is no entry point",
            hint: "name one of \(StaticFile.entryPoints.joined(separator: ", ")); the gateway asks at mesh"))
      }
      return RoutedBackend(
        route: route,
        backend: Plan.Backend(
          router: route.name, servers: route.port.map { .swarmServers(route.swarmService, port: $0) }))
    }
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"): true
    default: false
    }
  }

  private func router(_ route: Plan.GuestRoute) -> Traefik.Router {
    Traefik.Router(
      name: route.name, provider: "file", rule: "Host(`\(route.host)`)", entryPoints: ["mesh"],
      service: "\(route.name)@file", host: route.host, path: "/", swarmService: nil)
  }

  private func router(_ route: StackRoute) -> Traefik.Router {
    Traefik.Router(
      name: route.name, provider: "swarm", rule: route.rule, entryPoints: route.entryPoints,
      service: "\(route.name)@file", host: route.hosts.first, path: Self.path(in: route.rule),
      swarmService: route.swarmService)
  }

  /// A path that the rule takes.
  private static func path(in rule: String) -> String {
    for function in ["PathPrefix(`", "Path(`"] {
      guard let start = rule.firstRange(of: function)?.upperBound else { continue }
      let path = rule[start...].prefix { $0 != "`" }
      let isPlain = path.utf8.allSatisfy { (0x21...0x7E).contains($0) && !"?#%{}".utf8.contains($0) }
      if path.hasPrefix("/"), isPlain { return String(path) }
    }
    return "/"
  }

  // MARK: Resources

  private func resources(
    _ desired: Traefik.Desired, _ proxy: Traefik.Proxy, _ client: CertificatePlace?,
    _ stackRoutes: [StackRoute]
  ) -> [DeclaredResource] {
    let location = inventory.reverseProxy?.location
    let own = proxy.identity.map { ResourceID(.certificates, "certificate", $0) }
    let (dynamic, fixed) = (proxy.dynamicResource, proxy.staticResource)
    var resources = [
      // Our dynamic file first: a Traefik without it lets everybody in, and shows a certificate of its own.
      DeclaredResource(
        dynamic, requires: proxy.plan.certificates.map(\.resource) + [own].compactMap { $0 }, at: location),
      DeclaredResource(fixed, requires: [dynamic] + [client?.resource].compactMap { $0 }, at: location),
    ]
    resources += desired.servers.values.map { server in
      DeclaredResource(
        server.resource, requires: [dynamic, fixed, server.place.resource], at: server.place.location)
    }
    resources += desired.routers.values.map { router in
      let swarm = router.swarmService.map { ResourceID(.swarm, "service", $0) }
      let location =
        router.swarmService == nil
        ? inventory.routes.first { $0.name == router.name }?.location
        : stackRoutes.first { $0.name == router.name }?.location
      return DeclaredResource(router.resource, requires: [dynamic] + [swarm].compactMap { $0 }, at: location)
    }
    return resources.sorted { $0.id < $1.id }
  }
}

extension ArraySlice<String> {
  fileprivate var nonEmptyText: String? { isEmpty ? nil : joined(separator: ", ") }
}
