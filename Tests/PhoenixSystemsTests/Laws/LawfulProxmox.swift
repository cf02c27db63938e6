import PhoenixCore

@testable import PhoenixSystems

struct LawfulProxmox: LawfulSystem {
  typealias Model = Proxmox

  let whole = LawExample.compile(Proxmox.self)

  func facts(_ desired: Proxmox.Desired) -> [FactKey: Reading<FactValue>] { [:] }

  func right(_ desired: Proxmox.Desired) -> Proxmox.Observed {
    seen(desired, datacenterRules: .known(desired.datacenter?.rules ?? [])) {
      .known(Self.right($0))
    } guest: {
      .known(GuestFixtures.right($0))
    }
  }

  func unreadable(_ desired: Proxmox.Desired) -> Proxmox.Observed {
    Proxmox.Observed(unreadable: "no route", vmids: desired.guests.keys)
  }

  func random(_ desired: Proxmox.Desired, _ generator: inout SeededGenerator) -> Proxmox.Observed {
    let datacenterRules = Reading.random(&generator) { generator in
      generator.chance(50) ? desired.datacenter?.rules ?? [] : [Fixture.web]
    }
    return seen(desired, datacenterRules: datacenterRules) { firewall in
      Reading.random(&generator) { generator in
        if generator.chance(30) { return Self.right(firewall) }
        let rules = Self.right(firewall).rules
        return FirewallScenario.startingPoint(rules, &generator)
      }
    } guest: { guest in
      Reading.random(&generator) { generator in Self.spoiled(GuestFixtures.right(guest), &generator) }
    }
  }

  func look(
    _ all: Proxmox.Observed, at resources: Set<ResourceID>, _ desired: Proxmox.Desired
  ) -> Proxmox.Observed {
    var part = all
    let vmids = Set(resources.compactMap { Proxmox.vmid(of: $0) })
    let filtered = Set(
      resources.filter { $0.kind == Proxmox.firewallKind }.compactMap { Proxmox.vmid(of: $0) })
    part.firewalls = all.firewalls.filter { filtered.contains($0.key) }
    part.configurations = all.configurations.filter { vmids.contains($0.key) }
    if !resources.contains(Proxmox.datacenterResource) {
      (part.datacenter, part.datacenterRules) = (nil, nil)
    }
    return part
  }

  func touched(by resource: ResourceID, _ desired: Proxmox.Desired) -> Set<ResourceID> {
    guard let vmid = Proxmox.vmid(of: resource) else { return [resource] }
    // One look at a guest's configuration serves all that is asked of it.
    return Set(whole.resources.map(\.id).filter { Proxmox.vmid(of: $0) == vmid })
  }

  func reordered(_ desired: Proxmox.Desired) -> Proxmox.Desired {
    Proxmox.Desired(
      access: desired.access, firewalls: desired.firewalls.reordered, datacenter: desired.datacenter,
      guests: desired.guests.reordered)
  }

  func reordered(_ observed: Proxmox.Observed) -> Proxmox.Observed {
    Proxmox.Observed(
      guests: observed.guests.value.map { .known($0.reordered) } ?? observed.guests,
      datacenter: observed.datacenter, datacenterRules: observed.datacenterRules,
      firewalls: observed.firewalls.reordered,
      configurations: observed.configurations.reordered, groups: observed.groups.reordered)
  }

  func spoiled(_ generator: inout SeededGenerator) async throws -> World {
    let fake = try FakeProxmox()
    var desired = Fixture.desired(access: fake.access)
    for vmid in 1001...1003 {
      desired.firewalls[vmid] = vmid == 1003 ? Fixture.unmanaged : Fixture.firewall()
      var live = FirewallScenario.startingPoint(Fixture.rules, &generator)
      // Whatever else the seed brought.
      live.options.isEnabled = true
      live.rules.insert(Fixture.open2375, at: Int.random(in: 0...live.rules.count, using: &generator))
      if vmid == 1003 { live.rules.insert(Fixture.open2375, at: 0) }
      fake.add(vmid, live)
    }
    for (vmid, kind) in [(101, Proxmox.GuestKind.container), (1004, .machine)] {
      let guest = GuestFixtures.desired(kind)
      desired.guests[vmid] = guest
      let live = Self.spoiled(GuestFixtures.right(guest, vmid: vmid), &generator)
      fake.add(vmid, SimulatedGuest(kind, live, status: generator.chance(50) ? "running" : "stopped"))
    }
    return World(fake: fake, system: fake.system(), desired: desired)
  }

  struct World: LawWorld {
    let fake: FakeProxmox
    let system: Proxmox
    let desired: Proxmox.Desired
    var now: WallTime { CertificateFixtures.now }

    func facts() async -> Facts { Facts() }
    func content() -> [String] {
      desired.firewalls.keys.sorted().map { "\($0): \(fake.live($0).map { "\($0)" } ?? "gone")" }
        + desired.guests.keys.sorted().map { "\($0): \(fake.guest($0)?.pendingJSON ?? "gone")" } + marks()
    }
    func marks() -> [String] { fake.writes }
  }

  private func seen(
    _ desired: Proxmox.Desired, datacenterRules: Reading<[Proxmox.Rule]>?,
    _ reading: (Proxmox.DesiredFirewall) -> Reading<Proxmox.LiveFirewall>?,
    guest configuration: (Proxmox.DesiredGuest) -> Reading<Proxmox.GuestConfiguration>?
  ) -> Proxmox.Observed {
    var observed = Proxmox.Observed(
      guests: .known([:]), datacenter: .known(Proxmox.Datacenter(isEnabled: true)),
      datacenterRules: datacenterRules)
    var guests: [Int: Proxmox.ListedGuest] = [:]
    for (vmid, firewall) in desired.firewalls.sorted(by: { $0.key < $1.key }) {
      observed.firewalls[vmid] = reading(firewall)
    }
    for (vmid, guest) in desired.guests.sorted(by: { $0.key < $1.key }) {
      observed.configurations[vmid] = configuration(guest)
      guests[vmid] = Proxmox.ListedGuest(
        kind: guest.kind, node: "pve1", name: guest.name, status: guest.isTemplate ? "stopped" : "running")
    }
    observed.guests = .known(guests)
    return observed
  }

  /// A configuration with some keys changed, or waiting.
  private static func spoiled(
    _ right: Proxmox.GuestConfiguration, _ generator: inout SeededGenerator
  ) -> Proxmox.GuestConfiguration {
    var live = right
    for key in ["cores", "memory", "swap", "onboot", "startup", "nameserver", "features"]
    where generator.chance(30) && right[key] != nil {
      let other = ["cores": "7", "memory": "640", "swap": "3"][key] ?? "1"
      if generator.chance(50) { live.current[key] = other } else { live.current[key] = nil }
    }
    if generator.chance(20), let memory = right["memory"] {
      live.current["memory"] = "512"
      live.pending["memory"] = .some(memory)
    }
    return live
  }

  private static func right(_ firewall: Proxmox.DesiredFirewall) -> Proxmox.LiveFirewall {
    switch firewall.target {
    case .exactly(let options, let rules, _):
      Proxmox.LiveFirewall(options: options, optionsDigest: "o", rules: rules, rulesDigest: "r")
    case .dockerAPIClosed: Fixture.live()
    }
  }
}
