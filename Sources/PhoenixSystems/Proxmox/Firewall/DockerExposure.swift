/// Whether a guest's firewall lets anybody reach the unencrypted Docker API, 2375/tcp: root on that guest for
/// whoever can send it a packet.
enum DockerExposure: Hashable, Sendable {
  /// Nobody gets through.
  case none
  /// The rule at this index lets somebody through. Where from does not matter.
  case rule(Int)
  /// No rule decides, and the policy lets everybody through.
  case policy
  /// The guest is not filtered at all.
  case unfiltered

  /// The unencrypted Docker API.
  static let port = 2375

  /// Judges a firewall.
  ///
  /// - Parameters:
  ///   - firewall: The firewall.
  ///   - groups: The rules of security groups by name. One that is missing counts as letting nobody through;
  ///     `Proxmox.findings` tells of it.
  init(of firewall: Proxmox.LiveFirewall, groups: [String: [Proxmox.Rule]]) {
    guard firewall.options.isEnabled else {
      self = .unfiltered
      return
    }
    for (index, rule) in firewall.rules.enumerated() {
      let decision =
        rule.match.type == "group" && rule.takesPart
        ? Self.decision(of: groups[rule.match.action] ?? []) : Self.decision(of: [rule])
      switch decision {
      case .opens:
        self = .rule(index)
        return
      // A group that is taken in for one interface closes nothing on another.
      case .closes where rule.match.interface == nil:
        self = .none
        return
      case .closes, nil: continue
      }
    }
    self = firewall.options.policyIn == .accept ? .policy : .none
  }

  private enum Decision { case opens, closes }

  private static func decision(of rules: [Proxmox.Rule]) -> Decision? {
    for rule in rules {
      if rule.opensDockerAPI { return .opens }
      if rule.closesDockerAPI { return .closes }
    }
    return nil
  }
}

extension Proxmox.Rule {
  /// The rule that closes the unencrypted Docker API, whatever stands below it.
  static let dockerShield = Proxmox.Rule(
    "in", "DROP", "tcp", ports: "\(DockerExposure.port)",
    comment: "phoenix: the unencrypted Docker API stays closed")

  fileprivate var takesPart: Bool { isEnabled && fault == nil }

  /// Whether it lets somebody reach 2375/tcp: an incoming ACCEPT whose protocol and ports cover it. None of
  /// Proxmox's macros does.
  var opensDockerAPI: Bool { match.action == "ACCEPT" && coversDockerAPI }

  /// Whether it opens nothing else, so that removing it takes nothing else away.
  var opensOnlyDockerAPI: Bool {
    opensDockerAPI && match.transport == "tcp"
      && match.ports.map { PortSet($0).isOnly(DockerExposure.port) } ?? false
  }

  /// Whether nobody gets past it to 2375/tcp.
  fileprivate var closesDockerAPI: Bool {
    ["DROP", "REJECT"].contains(match.action) && coversDockerAPI && match.source == nil
      && match.destination == nil && match.interface == nil && match.sourcePorts == nil
  }

  private var coversDockerAPI: Bool {
    takesPart && match.type == "in" && match.macro == nil && match.icmpType == nil
      && [nil, "tcp"].contains(match.transport)
      && match.ports.map { PortSet($0).contains(DockerExposure.port) } ?? true
  }
}
