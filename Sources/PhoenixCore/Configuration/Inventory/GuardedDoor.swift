/// A server that lets in the clients it knows, and not whoever has a certificate of the CA.
public enum GuardedDoor: String, Sendable, Hashable, Codable, CaseIterable {
  /// The Docker API of a swarm manager: who gets in is root there.
  case dockerAPI = "docker-api"
  /// Traefik's entry points.
  case traefik

  /// The resource that holds the list of whom it lets in.
  public func resource(on guest: Int) -> ResourceID {
    switch self {
    case .dockerAPI: ResourceID(.dockerAPI, "proxy", "\(guest)")
    case .traefik: ResourceID(.traefik, "dynamic", "\(guest)")
    }
  }
}

/// A client that a guarded door lets in, by the certificate of this name and no other.
public struct DoorClient: Sendable, Hashable, Codable {
  /// The certificate's name, the subject of its facts: `CertificatePlace.name`.
  public let name: String
  /// The certificate's common name.
  public let commonName: String
  /// Where its files are; nil for phoenixd itself.
  public let place: CertificatePlace?
  /// Where it comes from; nil when that is not known.
  public let address: String?

  /// Creates a client.
  public init(name: String, commonName: String, place: CertificatePlace?, address: String?) {
    self.name = name
    self.commonName = commonName
    self.place = place
    self.address = address
  }
}

/// phoenixd's own client certificate, with which it speaks to the Docker API and to Traefik.
public struct OwnCertificate: Sendable, Hashable, Codable {
  /// Its common name and the name of its resource.
  public let name: String
  /// How long it should be valid; nil for what the CA gives.
  public let lifetime: Duration?
  /// Where it is declared; nil when it is implicit.
  public let location: Location?

  /// Creates a certificate.
  public init(name: String, lifetime: Duration?, location: Location?) {
    self.name = name
    self.lifetime = lifetime
    self.location = location
  }
}

extension OwnCertificate {
  /// What the manifest says of it, or what goes without saying.
  init(of inventory: Inventory) {
    let entry = inventory.certificates.first(where: \.isOwn)
    let words = ["phoenix-client", inventory.site.domain].compactMap { $0 }
    self.init(
      name: entry?.commonName ?? words.joined(separator: "."), lifetime: entry?.lifetime,
      location: entry?.location)
  }
}

extension Inventory {
  /// phoenixd's own client certificate; nil when nobody asks for one. An entry `phoenix-client` of the manifest
  /// says how long it lives.
  public var ownCertificate: OwnCertificate? { index.ownCertificate }

  /// The guests that have such a door.
  public func guards(_ door: GuardedDoor) -> [Guest] {
    switch door {
    case .dockerAPI: swarmManagers
    case .traefik: [reverseProxy].compactMap { $0 }
    }
  }

  /// Whom a door lets in, by name.
  public func clients(of door: GuardedDoor) -> [DoorClient] { index.clients[door] ?? [] }

  func clients(of door: GuardedDoor, own: OwnCertificate?) -> [DoorClient] {
    var clients = certificates.filter { $0.use == .client && !$0.isOwn }.flatMap { entry in
      entry.places.filter { entry.opens(door, at: $0) }.map { place in
        DoorClient(
          name: place.name, commonName: place.commonName, place: place,
          address: self[guest: place.guest]?.address)
      }
    }
    if let own {
      clients.append(
        DoorClient(name: own.name, commonName: own.name, place: nil, address: site.hypervisorAddress))
    }
    return clients.sorted { $0.name < $1.name }
  }

  /// The facts that tell which leaves of a certificate are let in: one for each door that it opens. A new leaf is
  /// delivered when all of them list it.
  public func admissions(of name: String) -> [FactKey] {
    doors(of: name).map { .admitted(name, at: $0.door, guest: $0.guest) }
  }

  /// The doors that a certificate opens, each in its guest.
  public func doors(of name: String) -> [(door: GuardedDoor, guest: Int)] {
    GuardedDoor.allCases.flatMap { door in
      index.clientNames[door]?.contains(name) == true ? guards(door).map { (door, $0.id) } : []
    }
  }
}

extension CertificateEntry {
  /// Its common name without the domain.
  private var role: Substring { commonName.prefix { $0 != "." } }

  /// Whether it is phoenixd's own.
  public var isOwn: Bool { use == .client && role == "phoenix-client" }

  fileprivate func opens(_ door: GuardedDoor, at place: CertificatePlace) -> Bool {
    switch door {
    case .dockerAPI:
      [.traefik, .portainer].contains(place.consumer)
        || ["traefik-client", "portainer-client"].contains(role)
    case .traefik: place.consumer == .nginx || role == "nginx-gateway-client"
    }
  }
}
