import PhoenixCore
import PhoenixSystems

/// Many guests with four rules each. In tens, nine wait for the firewall of the tenth, so that there is an order
/// to find.
struct FirewallWorld {
  let size: Int
  /// Whether the live lists lack their last rule.
  let isDrifted: Bool
  private let desired: Proxmox.Desired
  private let observed: Proxmox.Observed
  private let declared: [ResourceID: DeclaredResource]

  init(size: Int, isDrifted: Bool) {
    self.size = size
    self.isDrifted = isDrifted
    let options = Proxmox.FirewallOptions(isEnabled: true, policyIn: .drop, policyOut: .accept)
    let rules = [
      Proxmox.Rule("in", "ACCEPT", "tcp", ports: "22", source: "10.0.0.13", comment: "SSH"),
      Proxmox.Rule("in", "ACCEPT", "tcp", ports: "80,443", source: "10.0.0.0/16", comment: "The service"),
      Proxmox.Rule("in", "ACCEPT", "udp", ports: "8000:8010", source: "10.0.0.0/24", comment: "Media"),
      Proxmox.Rule("in", "ACCEPT", "icmp", source: "10.0.0.0/16", comment: "Ping"),
    ]
    let live = Proxmox.LiveFirewall(
      options: options, optionsDigest: "options", rules: isDrifted ? rules.dropLast() : rules,
      rulesDigest: "rules")
    let vmids = 1000..<(1000 + size)
    let target = Proxmox.FirewallTarget.exactly(options: options, rules: rules, closesDockerAPI: false)
    desired = Proxmox.Desired(
      access: Proxmox.Access(
        endpoints: ["https://pve.example:8006"], node: "pve1", certificateAuthorityFile: nil,
        tokenCredential: "proxmox-token"),
      firewalls: Dictionary(
        uniqueKeysWithValues: vmids.map { vmid in
          (vmid, Proxmox.DesiredFirewall(kind: .container, guestName: "guest-\(vmid)", target: target))
        }))
    observed = Proxmox.Observed(
      guests: .known(
        Dictionary(
          uniqueKeysWithValues: vmids.map { vmid in
            (
              vmid,
              Proxmox.ListedGuest(kind: .container, node: "pve1", name: "guest-\(vmid)", status: "running")
            )
          })),
      datacenter: .known(Proxmox.Datacenter(isEnabled: true)),
      firewalls: Dictionary(uniqueKeysWithValues: vmids.map { ($0, .known(live)) }))
    declared = Dictionary(
      uniqueKeysWithValues: vmids.map { vmid in
        let id = Self.resource(vmid)
        let tenth = vmid - vmid % 10
        return (id, DeclaredResource(id, requires: tenth < vmid ? [Self.resource(tenth)] : []))
      })
  }

  /// What differs, and what is to be done about it.
  func plan() -> Plan {
    let now = Moment(wall: WallTime(seconds: 1_800_000_000), boot: BootTime(milliseconds: 0))
    let facts = Facts(Proxmox.facts(of: observed))
    var input = PlannerInput(now: now)
    input.changes = Proxmox.diff(desired: desired, observed: observed, facts: facts, now: now.wall)
    input.declared = declared
    input.readiness = { [desired, observed] resource in
      Proxmox.ready(resource, desired: desired, observed: observed)
    }
    input.route = { [desired] resource in Proxmox.route(resource, desired: desired) }
    input.health = [.proxmox: Proxmox.health(of: observed)]
    input.origin = .operator(allow: [.safe, .disruptive])
    return Planner.plan(input)
  }

  private static func resource(_ vmid: Int) -> ResourceID { ResourceID(.proxmox, "firewall", "\(vmid)") }
}
