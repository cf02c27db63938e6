public import PhoenixCore

extension Proxmox: SystemModel {
  /// `proxmox`.
  public static var name: SystemName { .proxmox }

  /// A firewall is ready when it is as it should be, so that what relies on it never goes ahead of it.
  public static func ready(_ resource: ResourceID, desired: Desired, observed: Observed) -> Readiness {
    if resource == datacenterResource { return datacenterReadiness(desired, observed) }
    guard let vmid = vmid(of: resource) else { return .notReady("Proxmox keeps no \(resource.kind) yet") }
    switch observed.firewalls[vmid] {
    case .known(let live):
      guard let firewall = desired.firewalls[vmid] else { return .ready }
      let groups = observed.knownGroups
      let isRight = FirewallRuleListPlan.next(from: live, to: firewall.target, groups: groups) == nil
      guard isRight else { return .notReady("the firewall of \(vmid) is not as it should be") }
      let open = (observed.interfaces[vmid]?.value ?? []).filter { !$0.isFiltered }.map(\.name)
      return open.isEmpty
        ? .ready
        : .notReady("\(open.joined(separator: ", ")) of \(vmid) is not filtered: its rules do nothing there")
    case .absent: return .notReady("guest \(vmid) does not exist")
    case .unreadable(let reason): return .unreadable(reason)
    case nil: return .unreadable("guest \(vmid) has not been looked at yet")
    }
  }

  /// `guest.status(VMID)`: `running`, `stopped`, `paused` or `unknown`; absent for a guest that does not exist.
  public static func facts(of observed: Observed) -> [FactKey: Reading<FactValue>] {
    var facts: [FactKey: Reading<FactValue>] = [:]
    for (vmid, firewall) in observed.firewalls {
      let key = FactKey("guest.status", of: "\(vmid)")
      switch firewall {
      case .absent: facts[key] = .absent
      case .unreadable(let reason): facts[key] = .unreadable(reason)
      case .known: break
      }
    }
    for (vmid, guest) in observed.guests.value ?? [:] {
      facts[FactKey("guest.status", of: "\(vmid)")] = .known(.text(guest.status))
    }
    return facts
  }

  /// Unreadable when not even the list of guests came.
  public static func health(of observed: Observed) -> SystemHealth {
    if let reason = observed.guests.unreadableReason { return .unreadable(reason) }
    let reasons = observed.firewalls.compactMapValues(\.unreadableReason)
    var troubles = reasons.sorted { $0.key < $1.key }.map { "firewall of \($0.key): \($0.value)" }
    if let reason = observed.datacenter?.unreadableReason ?? observed.datacenterRules?.unreadableReason {
      troubles.append("datacenter firewall: \(reason)")
    }
    guard let first = troubles.first else { return .readable }
    return .partly(troubles.count == 1 ? first : "\(first) (and \(troubles.count - 1) more)")
  }

  /// What was looked at again is taken from the newer one, the rest stays.
  public static func merge(
    _ newer: Observed, into older: Observed, scope: ObservationScope
  ) -> Observed {
    guard case .only(let resources) = scope else { return newer }
    var merged = older
    merged.guests = newer.guests
    merged.groups.merge(newer.groups) { _, new in new }
    if resources.contains(datacenterResource) {
      merged.datacenter = newer.datacenter
      merged.datacenterRules = newer.datacenterRules
    }
    for vmid in resources.compactMap(vmid(of:)) {
      merged.firewalls[vmid] = newer.firewalls[vmid]
      merged.interfaces[vmid] = newer.interfaces[vmid]
    }
    return merged
  }

  /// One action at a time on a node: Proxmox has three workers, and locks what it writes.
  public static func route(_ resource: ResourceID, desired: Desired) -> Route {
    Route(
      lane: "node/\(desired.access.node ?? "proxmox")", endpoint: desired.access.endpoints.first ?? "proxmox")
  }
}

extension Proxmox: ManagedSystem {}
