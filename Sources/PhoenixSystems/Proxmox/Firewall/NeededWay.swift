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
