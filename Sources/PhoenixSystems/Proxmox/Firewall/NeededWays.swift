import PhoenixCore

/// The ways that guests need, by their parts in the whole.
struct NeededWays {
  private let inventory: Inventory
  /// The ports of stacks' services that have routes.
  private let stackPorts: Set<Int>
  private let hypervisor: [IPAddress]
  // Found once: to look for them at each guest took longer than all the rest of hundreds of guests.
  private let authority: Guest?
  private let gateway: Guest?
  private let reverseProxy: Guest?

  /// The port of the Docker API behind its proxy.
  static let dockerAPI = 2376
  /// The port on which managers take nodes in and talk to one another.
  static let swarmManagers = 2377
  /// The port on which nodes find each other, over TCP and UDP.
  static let swarmGossip = 7946
  /// The port of overlay networks, over UDP.
  static let swarmOverlay = 4789
  /// The gateway's HTTPS.
  private static let gatewayPort = 443
  /// Traefik's entry point for the gateway, with mutual TLS.
  private static let mesh = 8443

  init(_ inventory: Inventory) {
    self.inventory = inventory
    // A service may run on any node of the swarm.
    stackPorts = Set(inventory.stackRoutes.compactMap(\.port))
    hypervisor = Self.addresses([inventory.site.hypervisorAddress])
    authority = inventory.certificateAuthority
    gateway = inventory.gateway
    reverseProxy = inventory.reverseProxy
  }

  /// What a guest must let in.
  func of(_ guest: Guest) -> [NeededWay] {
    var ways: [NeededWay] = []
    if inventory.settings.shell.overrides[guest.id] ?? .ssh == .ssh {
      ways.append(NeededWay("SSH from phoenixd", "tcp", 22, from: hypervisor, isOwn: true))
    }
    if authority?.id == guest.id {
      let port = inventory.settings.stepCA.url.flatMap { Self.urlPort(of: $0) } ?? 9000
      let others = Self.addresses(inventory.guests.filter { $0.id != guest.id }.map(\.address))
      ways.append(NeededWay("Step-CA for phoenixd", "tcp", port, from: hypervisor, isOwn: true))
      ways.append(NeededWay("Step-CA for the guests", "tcp", port, from: others))
    }
    if gateway?.id == guest.id {
      ways.append(
        NeededWay("the gateway for phoenixd", "tcp", Self.gatewayPort, from: hypervisor, isOwn: true))
    }
    if reverseProxy?.id == guest.id {
      ways.append(NeededWay("Traefik for phoenixd", "tcp", Self.mesh, from: hypervisor, isOwn: true))
      ways.append(
        NeededWay("the gateway to Traefik", "tcp", Self.mesh, from: address(of: gateway, unless: guest)))
    }
    if guest.swarmRole != nil { ways += swarm(guest) }
    var routed = Set(guest.service.map { [$0.port] } ?? [])
    if guest.swarmRole != nil { routed.formUnion(stackPorts) }
    for port in routed.sorted() {
      ways.append(
        NeededWay("Traefik to a routed service", "tcp", port, from: address(of: reverseProxy, unless: guest)))
    }
    return ways
  }

  private func swarm(_ guest: Guest) -> [NeededWay] {
    let nodes = inventory.guests.filter { $0.swarmRole != nil && $0.id != guest.id }
    let peers = Self.addresses(nodes.map(\.address))
    var ways = [
      NeededWay("swarm nodes find each other", "tcp", Self.swarmGossip, from: peers),
      NeededWay("swarm nodes find each other", "udp", Self.swarmGossip, from: peers),
      NeededWay("swarm overlay networks", "udp", Self.swarmOverlay, from: peers),
    ]
    if guest.swarmRole == .manager {
      // Clients within the guest itself pass no firewall.
      let clients = inventory.clients(of: .dockerAPI).filter {
        $0.place != nil && $0.address != guest.address
      }
      ways += [
        NeededWay("the Docker API for phoenixd", "tcp", Self.dockerAPI, from: hypervisor, isOwn: true),
        NeededWay("Docker API", "tcp", Self.dockerAPI, from: Self.addresses(clients.map(\.address))),
        NeededWay("swarm managers", "tcp", Self.swarmManagers, from: peers),
      ]
    }
    return ways
  }

  /// Where another guest is; nowhere for the guest itself.
  private func address(of other: Guest?, unless guest: Guest) -> [IPAddress] {
    other?.id == guest.id ? [] : Self.addresses([other?.address])
  }

  /// Those that are addresses.
  static func addresses(_ texts: [String?]) -> [IPAddress] {
    texts.compactMap { $0.flatMap { IPAddress($0) } }
  }

  /// The port of `https://host:port`.
  private static func urlPort(of url: String) -> Int? {
    let authority = url.split(separator: "/").dropFirst().first ?? ""
    return authority.lastIndex(of: ":").flatMap { Int(authority[authority.index(after: $0)...]) }
  }
}
