import PhoenixCore

/// Connections to a guest that others need, whether its declared rules say so or not.
struct NeededWay: Hashable, Sendable {
  /// What for, in rules' comments and for people.
  let purpose: String
  /// `tcp` or `udp`.
  let transport: String
  /// The destination port.
  let port: Int
  /// Where from.
  let sources: [IPAddress]
  /// Whether Phoenix itself could not work without it.
  let isOwn: Bool

  init(_ purpose: String, _ transport: String, _ port: Int, from sources: [IPAddress], isOwn: Bool = false) {
    self.purpose = purpose
    self.transport = transport
    self.port = port
    self.sources = sources
    self.isOwn = isOwn
  }
}

extension NeededWay {
  /// The port of the Docker API behind its proxy.
  static let dockerAPI = 2376
  /// The gateway's HTTPS.
  private static let gateway = 443
  /// Traefik's entry point for the gateway, with mutual TLS.
  private static let mesh = 8443

  /// What a guest must let in, by its part in the whole.
  static func all(for guest: Guest, in inventory: Inventory, stackPorts: [Int]) -> [NeededWay] {
    let hypervisor = addresses([inventory.site.hypervisorAddress])
    var ways: [NeededWay] = []
    if inventory.settings.shell.overrides[guest.id] ?? .ssh == .ssh {
      ways.append(NeededWay("SSH from phoenixd", "tcp", 22, from: hypervisor, isOwn: true))
    }
    if let authority = inventory.certificateAuthority, authority.id == guest.id {
      let port = inventory.settings.stepCA.url.flatMap { urlPort(of: $0) } ?? 9000
      let others = addresses(inventory.guests.filter { $0.id != guest.id }.map(\.address))
      ways.append(NeededWay("Step-CA for phoenixd", "tcp", port, from: hypervisor, isOwn: true))
      ways.append(NeededWay("Step-CA for the guests", "tcp", port, from: others))
    }
    if inventory.gateway?.id == guest.id {
      ways.append(NeededWay("the gateway for phoenixd", "tcp", gateway, from: hypervisor, isOwn: true))
    }
    if inventory.reverseProxy?.id == guest.id {
      let others = addresses([inventory.gateway].filter { $0?.id != guest.id }.map { $0?.address })
      ways.append(NeededWay("Traefik for phoenixd", "tcp", mesh, from: hypervisor, isOwn: true))
      ways.append(NeededWay("the gateway to Traefik", "tcp", mesh, from: others))
    }
    if guest.swarmRole != nil { ways += swarm(guest, inventory, hypervisor) }
    var routed = guest.service.map { [$0.port] } ?? []
    if guest.swarmRole != nil { routed += stackPorts }
    let proxy = addresses([inventory.reverseProxy].filter { $0?.id != guest.id }.map { $0?.address })
    for port in Set(routed).sorted() {
      ways.append(NeededWay("Traefik to a routed service", "tcp", port, from: proxy))
    }
    return ways
  }

  private static func swarm(
    _ guest: Guest, _ inventory: Inventory, _ hypervisor: [IPAddress]
  ) -> [NeededWay] {
    let nodes = inventory.guests.filter { $0.swarmRole != nil && $0.id != guest.id }
    let peers = addresses(nodes.map(\.address))
    var ways = [
      NeededWay("swarm nodes find each other", "tcp", 7946, from: peers),
      NeededWay("swarm nodes find each other", "udp", 7946, from: peers),
      NeededWay("swarm overlay networks", "udp", 4789, from: peers),
    ]
    if guest.swarmRole == .manager {
      // Clients within the guest itself pass no firewall.
      let clients = inventory.clients(of: .dockerAPI).filter {
        $0.place != nil && $0.address != guest.address
      }
      ways += [
        NeededWay("the Docker API for phoenixd", "tcp", dockerAPI, from: hypervisor, isOwn: true),
        NeededWay("Docker API", "tcp", dockerAPI, from: addresses(clients.map(\.address))),
        NeededWay("swarm managers", "tcp", 2377, from: peers),
      ]
    }
    return ways
  }

  private static func addresses(_ texts: [String?]) -> [IPAddress] {
    texts.compactMap { $0.flatMap { IPAddress($0) } }
  }

  /// The port of `https://host:port`.
  private static func urlPort(of url: String) -> Int? {
    let authority = url.split(separator: "/").dropFirst().first ?? ""
    return authority.lastIndex(of: ":").flatMap { Int(authority[authority.index(after: $0)...]) }
  }
}

extension NeededWay {
  /// A declared rule that stops somebody whom this way must let through.
  struct Obstacle: Hashable, Sendable {
    let way: NeededWay
    let source: IPAddress
    /// Its index in the declared rules.
    let rule: Int
  }

  /// The rules for those who would otherwise meet the policy, and the rules that stand in the way of others.
  func completing(
    _ rules: [Proxmox.Rule], policy: Proxmox.PacketPolicy, guestAddress: IPAddress?
  ) -> (added: [Proxmox.Rule], obstacles: [Obstacle]) {
    var missing: [IPAddress] = []
    var obstacles: [Obstacle] = []
    for source in Set(sources).sorted() {
      let packet = Packet(source: source, destination: guestAddress, transport: transport, port: port)
      switch Proxmox.Rule.verdict(on: packet, by: rules) {
      case .accepted: break
      case .dropped(let index): obstacles.append(Obstacle(way: self, source: source, rule: index))
      case .undecided: if policy != .accept { missing.append(source) }
      }
    }
    let added = Self.parts(of: missing).map { part in
      Proxmox.Rule(
        "in", "ACCEPT", transport, ports: "\(port)", source: part.map(\.description).joined(separator: ","),
        comment: "phoenix: \(purpose)")
    }
    return (added, obstacles)
  }

  /// Sources as Proxmox takes them in one rule: at most 512 characters, and never IPv4 beside IPv6.
  private static func parts(of sources: [IPAddress]) -> [ArraySlice<IPAddress>] {
    [32, 128].flatMap { width in
      let family = sources.filter { $0.width == width }
      let size = width == 32 ? 30 : 12
      return stride(from: 0, to: family.count, by: size).map { family[$0..<min($0 + size, family.count)] }
    }
  }
}
