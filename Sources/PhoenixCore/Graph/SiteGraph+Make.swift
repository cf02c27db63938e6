extension SiteGraph {
  /// Draws a site.
  ///
  /// - Parameters:
  ///   - inventory: What the files declare.
  ///   - declared: The resources, with what each requires.
  ///   - status: How they stand.
  public init(_ inventory: Inventory, declared: [DeclaredResource], status: StatusReport) {
    let states = Dictionary(
      status.resources.map { ($0.resource, $0.state) }, uniquingKeysWith: { first, _ in first })
    let resources = Set(declared.map(\.id)).union(states.keys).sorted()
    let places = Places(inventory)
    let names = Dictionary(
      uniqueKeysWithValues: resources.enumerated().map { ($1, "r\($0 + 1)") })
    let contents = Dictionary(grouping: resources, by: places.place(of:))
    groups = places.all.compactMap { place in
      let boxes = (contents[place] ?? []).compactMap { resource in
        names[resource].map { name in
          let state = states[resource] ?? .unknown
          return Box(id: name, lines: [resource.description, StatusText.word(state)], state: state)
        }
      }
      guard let head = places.head(of: place) else {
        return boxes.isEmpty ? nil : Group(id: place.id, title: places.title(of: place), boxes: boxes)
      }
      let worst = Self.states.first { state in boxes.contains { $0.state == state } }
      let word = worst.map { [StatusText.word($0)] } ?? []
      let itself = Box(id: place.head, lines: head + word, state: worst)
      return Group(id: place.id, title: places.title(of: place), boxes: [itself] + boxes)
    }
    let needs = declared.sorted { $0.id < $1.id }.flatMap { resource in
      resource.requires.sorted().compactMap { required -> Arrow? in
        guard let from = names[required], let to = names[resource.id] else { return nil }
        return Arrow(from: from, to: to, kind: .needs)
      }
    }
    let looks = places.all.filter { $0 != .phoenix && places.head(of: $0) != nil }.map { place in
      Arrow(from: Place.phoenix.head, to: place.head, kind: .looks)
    }
    arrows = Self.requests(inventory, names) + needs + looks
  }

  /// The way of a request: from the client through gateway and Traefik to services, and on to the nodes whose files
  /// say that they run them.
  private static func requests(_ inventory: Inventory, _ names: [ResourceID: String]) -> [Arrow] {
    var arrows: [Arrow] = []
    func add(_ from: String, _ to: String) {
      let arrow = Arrow(from: from, to: to, kind: .request)
      if !arrows.contains(arrow) { arrows.append(arrow) }
    }
    let gateway = inventory.gateway.map { Place.guest($0.id) }
    guard let proxy = inventory.reverseProxy.map({ Place.guest($0.id) }) else { return [] }
    add(client.id, (gateway ?? proxy).head)
    if let gateway, gateway != proxy { add(gateway.head, proxy.head) }
    for route in inventory.stackRoutes.sorted(by: { $0.swarmService < $1.swarmService }) {
      guard let service = names[ResourceID(.swarm, "service", route.swarmService)] else { continue }
      add(proxy.head, service)
      for guest in inventory.guests where guest.stacks.contains(route.stack) {
        add(service, Place.guest(guest.id).head)
      }
    }
    for route in inventory.routes {
      let place = Place.guest(route.guest)
      if place != gateway, place != proxy { add(proxy.head, place.head) }
    }
    return arrows
  }
}

/// Where a resource belongs in the picture.
private enum Place: Hashable {
  case guest(Int)
  case swarm
  case phoenix
  case elsewhere

  var id: String {
    switch self {
    case .guest(let id): "guest_\(id)"
    case .swarm: "swarm"
    case .phoenix: "phoenix"
    case .elsewhere: "elsewhere"
    }
  }

  /// The name of the box that stands for the place itself.
  var head: String { "\(id)_itself" }
}

/// All places of a site.
private struct Places {
  /// In the order of the picture.
  let all: [Place]
  private let inventory: Inventory
  private let certificates: [String: Int]

  init(_ inventory: Inventory) {
    self.inventory = inventory
    certificates = Dictionary(
      inventory.certificates.flatMap(\.places).map { ($0.name, $0.guest) },
      uniquingKeysWith: { first, _ in first })
    let first = [inventory.certificateAuthority, inventory.gateway, inventory.reverseProxy].compactMap {
      $0?.id
    }
    let rest = inventory.guests.filter { !$0.isTemplate && !first.contains($0.id) }.map(\.id)
    var seen: Set<Int> = []
    let guests = (first + rest).filter { seen.insert($0).inserted }.map { Place.guest($0) }
    let split = Set(first).count
    all = [.phoenix] + guests.prefix(split) + [.swarm] + guests.dropFirst(split) + [.elsewhere]
  }

  func place(of resource: ResourceID) -> Place {
    if let id = Int(resource.name), all.contains(.guest(id)) { return .guest(id) }
    switch resource.system {
    case .stepCA: return place(inventory.certificateAuthority)
    case .nginx: return place(inventory.gateway)
    case .traefik: return place(inventory.reverseProxy)
    case .certificates:
      if let guest = certificates[resource.name], all.contains(.guest(guest)) { return .guest(guest) }
      return resource.name == inventory.ownCertificate?.name ? .phoenix : .elsewhere
    case .swarm: return .swarm
    case .proxmox, .hypervisor: return .phoenix
    case .guests, .dockerAPI, .portainer, .dns, .health: return .elsewhere
    }
  }

  private func place(_ guest: Guest?) -> Place { guest.map { .guest($0.id) } ?? .elsewhere }

  func title(of place: Place) -> String {
    switch place {
    case .guest(let id): "\(id)"
    case .swarm: "Docker Swarm"
    case .phoenix: "hypervisor"
    case .elsewhere: "elsewhere"
    }
  }

  /// What stands in the box of the place itself; nil when it has none.
  func head(of place: Place) -> [String]? {
    switch place {
    case .guest(let id): inventory[guest: id].map { [$0.name, $0.address].compactMap { $0 } }
    case .phoenix: ["phoenixd", inventory.site.hypervisorAddress].compactMap { $0 }
    case .swarm, .elsewhere: nil
    }
  }
}
