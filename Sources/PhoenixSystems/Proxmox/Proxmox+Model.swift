public import PhoenixCore

extension Proxmox: SystemModel {
  /// `proxmox`.
  public static var name: SystemName { .proxmox }

  /// A port of Docker's may be open.
  public static var watchesExposures: Bool { true }

  /// A firewall is ready when it is as it should be, so that what relies on it never goes ahead of it.
  public static func ready(_ resource: ResourceID, desired: Desired, observed: Observed) -> Readiness {
    if resource == datacenterResource { return datacenterReadiness(desired, observed) }
    guard let vmid = vmid(of: resource) else { return .notReady("Proxmox keeps no \(resource.kind) yet") }
    guard resource.kind == firewallKind else { return readiness(of: resource, vmid, desired, observed) }
    switch observed.firewalls[vmid] {
    case .known(let live):
      guard let firewall = desired.firewalls[vmid] else { return .ready }
      let groups = observed.knownGroups
      let isRight = FirewallRuleListPlan.next(from: live, to: firewall.target, groups: groups) == nil
      guard isRight else { return .notReady("the firewall of \(vmid) is not as it should be") }
      let open = observed.unfilteredInterfaces(of: vmid)
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
    for (vmid, configuration) in observed.configurations {
      let key = FactKey("guest.status", of: "\(vmid)")
      switch configuration {
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

  /// Of a machine the number that Proxmox gave it; of a container its disk with the address of its first device.
  public static func identities(of observed: Observed) -> [ResourceID: String] {
    var identities: [ResourceID: String] = [:]
    for (vmid, reading) in observed.configurations {
      guard case .known(let live) = reading, let kind = observed.guests.value?[vmid]?.kind else { continue }
      identities[guestResource(vmid, kind)] = live.identity(kind)
    }
    return identities
  }

  /// Unreadable when not even the list of guests came.
  public static func health(of observed: Observed) -> SystemHealth {
    if let reason = observed.guests.unreadableReason { return .unreadable(reason) }
    let guests = observed.configurations.compactMapValues(\.unreadableReason)
    let firewalls = observed.firewalls.compactMapValues(\.unreadableReason)
    var troubles = firewalls.sorted { $0.key < $1.key }.map { "firewall of \($0.key): \($0.value)" }
    // What is wrong with a guest is wrong with its firewall, too.
    troubles += guests.sorted { $0.key < $1.key }.filter { firewalls[$0.key] == nil }.map {
      "guest \($0.key): \($0.value)"
    }
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
    merged.wishes = newer.wishes
    merged.groups.merge(newer.groups) { _, new in new }
    if resources.contains(datacenterResource) {
      merged.datacenter = newer.datacenter
      merged.datacenterRules = newer.datacenterRules
    }
    for resource in resources {
      guard let vmid = vmid(of: resource) else { continue }
      merged.configurations[vmid] = newer.configurations[vmid]
      if resource.kind == firewallKind { merged.firewalls[vmid] = newer.firewalls[vmid] }
    }
    return merged
  }

  /// One action at a time on a node: Proxmox has three workers, and locks what it writes. But what closes a port waits for
  /// no clone.
  public static func route(_ resource: ResourceID, desired: Desired) -> Route {
    let isGuest = ["container", "vm", powerKind].contains(resource.kind)
    let place = isGuest ? "guests" : "firewalls"
    return Route(
      lane: "\(place)/\(desired.access.node ?? "proxmox")",
      endpoint: desired.access.endpoints.first ?? "proxmox")
  }
}

extension Proxmox: ManagedSystem {}
