import PhoenixCore

@testable import PhoenixSystems

/// A swarm manager as the example files declare it.
enum Fixture {
  static let ssh = Proxmox.Rule(
    "in", "ACCEPT", "tcp", ports: "22", source: "10.0.0.13", comment: "phoenix: SSH from phoenixd")
  static let docker = Proxmox.Rule("in", "ACCEPT", "tcp", ports: "2376", source: "10.0.0.12,10.0.0.13")
  static let web = Proxmox.Rule(
    "in", "ACCEPT", "tcp", ports: "9443", source: "10.0.0.0/24", comment: "Portainer")
  static let open2375 = Proxmox.Rule("in", "ACCEPT", "tcp", ports: "2375")
  static let options = Proxmox.FirewallOptions(isEnabled: true, policyIn: .drop, policyOut: .accept)
  static let rules = [web, docker, ssh]
  static let way = Proxmox.OwnWay("SSH from phoenixd", from: "10.0.0.13", to: "10.0.0.111", port: 22)

  static func firewall(
    _ rules: [Proxmox.Rule] = rules, options: Proxmox.FirewallOptions = options, hold: String? = nil
  ) -> Proxmox.DesiredFirewall {
    Proxmox.DesiredFirewall(
      kind: .machine, guestName: "portainer",
      target: .exactly(options: options, rules: rules, closesDockerAPI: true), ownWays: [way], hold: hold)
  }

  static let unmanaged = Proxmox.DesiredFirewall(
    kind: .machine, guestName: "worker", target: .dockerAPIClosed)

  static func live(
    _ rules: [Proxmox.Rule] = rules, options: Proxmox.FirewallOptions = options
  ) -> Proxmox.LiveFirewall {
    Proxmox.LiveFirewall(options: options, optionsDigest: "o", rules: rules, rulesDigest: "r")
  }

  static func desired(
    _ firewall: Proxmox.DesiredFirewall = firewall(), access: Proxmox.Access? = nil
  ) -> Proxmox.Desired {
    Proxmox.Desired(
      access: access
        ?? Proxmox.Access(
          endpoints: ["https://10.0.0.13:8006"], node: "pve1", certificateAuthorityFile: "pve-root.pem",
          tokenCredential: "proxmox-token"),
      firewalls: [1001: firewall])
  }

  static func observed(
    _ firewall: Reading<Proxmox.LiveFirewall>, groups: [String: Reading<[Proxmox.Rule]>] = [:]
  ) -> Proxmox.Observed {
    Proxmox.Observed(
      guests: .known([
        1001: Proxmox.ListedGuest(kind: .machine, node: "pve1", name: "portainer", status: "running")
      ]), datacenter: .known(Proxmox.Datacenter(isEnabled: true)), firewalls: [1001: firewall],
      configurations: [1001: .known(Proxmox.GuestConfiguration(current: ["net0": "virtio=x,firewall=1"]))],
      groups: groups)
  }

  static func diff(_ desired: Proxmox.DesiredFirewall, _ live: Proxmox.LiveFirewall) -> [Change] {
    Proxmox.diff(
      desired: Self.desired(desired), observed: observed(.known(live)), facts: Facts(),
      now: WallTime(seconds: 0))
  }

  static let resource = ResourceID(.proxmox, "firewall", "1001")
}
