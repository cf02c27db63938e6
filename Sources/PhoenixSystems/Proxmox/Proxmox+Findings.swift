public import PhoenixCore

extension Proxmox {
  /// What keeps the firewalls from protecting although their rules are right, and what could not be judged.
  public static func findings(desired: Desired, observed: Observed) -> [Finding] {
    if let reason = observed.guests.unreadableReason {
      return [Finding(.warning, "Proxmox cannot be read, so no guest and no firewall is kept: \(reason)")]
    }
    var findings = Self.guestFindings(desired, observed)
    if let datacenter = observed.datacenter?.value, !datacenter.isEnabled, !desired.firewalls.isEmpty {
      findings.append(
        Finding(
          .warning, "the datacenter firewall is off: no guest is filtered, whatever its rules say",
          hint: "enable it in Proxmox (Datacenter, Firewall, Options), with the address you work from in the "
            + "IP set 'management'"))
    }
    for (vmid, firewall) in desired.firewalls.sorted(by: { $0.key < $1.key }) {
      findings += firewallFindings(vmid, firewall, observed)
    }
    return findings
  }

  private static func firewallFindings(
    _ vmid: Int, _ desired: DesiredFirewall, _ observed: Observed
  ) -> [Finding] {
    let resource = firewallResource(vmid)
    let guest = "\(vmid) (\(desired.guestName))"
    switch observed.firewalls[vmid] {
    case .known(let live):
      return unfiltered(resource, guest, observed.unfilteredInterfaces(of: vmid))
        + exposures(resource, guest, desired, live, observed)
    case .absent:
      return [
        Finding(
          .warning, resource: resource, "guest \(guest) does not exist, so its firewall waits",
          hint: "create the guest, or take it out of the files")
      ]
    case .unreadable, nil: return []
    }
  }

  private static func unfiltered(
    _ resource: ResourceID, _ guest: String, _ open: [String]
  ) -> [Finding] {
    guard !open.isEmpty else { return [] }
    return [
      Finding(
        .warning, resource: resource,
        "\(open.joined(separator: ", ")) of guest \(guest) is not filtered: its rules do nothing there",
        hint: "set firewall=1 on the interface in the guest's hardware or network settings")
    ]
  }

  private static func exposures(
    _ resource: ResourceID, _ guest: String, _ desired: DesiredFirewall, _ live: LiveFirewall,
    _ observed: Observed
  ) -> [Finding] {
    var findings: [Finding] = []
    if desired.target.closesDockerAPI, case .unfiltered = DockerExposure(of: live, groups: [:]),
      desired.hold != nil || desired.target == .dockerAPIClosed
    {
      findings.append(
        Finding(
          .warning, resource: resource,
          "guest \(guest) is unprotected: its firewall is off, so nothing keeps anybody from its Docker ports",
          hint: "declare its firewall with \"enabled\": true, or set policy.enforce_docker_firewall"))
    }
    for rule in live.rules where rule.match.type == "group" && rule.isEnabled {
      if let reason = observed.groups[rule.match.action]?.unreadableReason {
        findings.append(
          Finding(
            .warning, resource: resource,
            "whether security group \(rule.match.action) opens 2375 on guest \(guest) is not known: \(reason)",
            hint: "let the token read it: Sys.Audit on /"))
      }
    }
    return findings
  }
}
