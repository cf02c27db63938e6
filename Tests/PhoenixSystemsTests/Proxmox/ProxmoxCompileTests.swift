import PhoenixCore
import PhoenixHost
import Testing

@testable import PhoenixSystems

@Suite("What guests' firewalls should be")
struct ProxmoxCompileTests {
  @Test("The example forgets nothing, holds nothing, and opens 2375 nowhere")
  func example() throws {
    let directory = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    let loaded = ConfigurationLoader.load(directory: "/\(directory)/etc/phoenix")
    let compiled = Proxmox.compile(loaded.inventory, loaded.nodes)
    #expect(
      compiled.findings.map(\.message) == [
        "mount_points of Step-CA (103) is not compared: no API token may set that"
      ])
    #expect(
      compiled.resources.filter { $0.id.kind.hasSuffix("firewall") }.map(\.id.name)
        == ["101", "102", "103", "1001", "1002", "cluster"])
    #expect(compiled.desired.access.endpoints == ["https://10.0.0.13:8006"])
    let added = compiled.desired.firewalls.mapValues { firewall in
      Self.rules(of: firewall).filter { $0.comment?.hasPrefix("phoenix: ") ?? false }.map(\.match.description)
    }
    #expect(added == [101: [], 102: [], 103: [], 1001: [], 1002: []])
    for (vmid, firewall) in compiled.desired.firewalls {
      let live = Proxmox.LiveFirewall(options: Fixture.options, rules: Self.rules(of: firewall))
      let decision = Proxmox.FirewallDecision(for: firewall, live: live, groups: [:])
      #expect(decision.hold == nil, "\(vmid)")
      #expect(DockerExposure(of: live, groups: [:]) == .none, "\(vmid)")
    }
  }

  @Test("A swarm manager whose file forgets everything lets in what the swarm and Phoenix need")
  func forgetful() {
    let (firewall, _) = compile(guest(1001, "10.0.0.111", .manager, firewall(rules: [])))
    #expect(
      Self.rules(of: firewall).map(\.match.description) == [
        "in ACCEPT tcp 22 from 10.0.0.13", "in ACCEPT tcp 7946 from 10.0.0.102",
        "in ACCEPT udp 7946 from 10.0.0.102", "in ACCEPT udp 4789 from 10.0.0.102",
        "in ACCEPT tcp 2376 from 10.0.0.13", "in ACCEPT tcp 2376 from 10.0.0.12",
        "in ACCEPT tcp 2377 from 10.0.0.102",
      ])
    #expect(firewall?.ownWays.map(\.port) == [22, 2376])
  }

  @Test("A worker lets in the other nodes, and nobody to 2376")
  func worker() {
    let (firewall, _) = compile(
      guest(1003, "10.0.0.103", .worker, firewall(rules: [])),
      beside: [guest(1001, "10.0.0.111", .manager, nil)])
    #expect(
      Self.rules(of: firewall).map(\.match.description) == [
        "in ACCEPT tcp 22 from 10.0.0.13", "in ACCEPT tcp 7946 from 10.0.0.102,10.0.0.111",
        "in ACCEPT udp 7946 from 10.0.0.102,10.0.0.111", "in ACCEPT udp 4789 from 10.0.0.102,10.0.0.111",
      ])
  }

  @Test("The gateway lets in phoenixd, Traefik both of them, and what cuts phoenixd off is held")
  func doors() {
    var proxy = guest(102, "10.0.0.12", nil, firewall(rules: []))
    proxy.features = ["traefik"]
    let (traefik, _) = compile(proxy)
    #expect(
      Self.rules(of: traefik).map(\.match.description) == [
        "in ACCEPT tcp 22 from 10.0.0.13", "in ACCEPT tcp 8443 from 10.0.0.13",
        "in ACCEPT tcp 8443 from 10.0.0.153",
      ])
    #expect(traefik?.ownWays.map(\.port) == [22, 8443])
    let (gateway, _) = compile(guest(101, "10.0.0.153", nil, firewall(rules: [])))
    #expect(
      Self.rules(of: gateway).map(\.match.description) == [
        "in ACCEPT tcp 22 from 10.0.0.13", "in ACCEPT tcp 443 from 10.0.0.13",
      ])
    let drop = [FirewallRule(.inward, .drop, .tcp, ports: PortRange.list("8443"))]
    let (stopped, findings) = compile(guest(102, "10.0.0.12", nil, firewall(rules: drop)))
    #expect(findings.count == 2)
    #expect(
      stopped.map { Fixture.diff($0, Fixture.live()) }?.first?.hold?.contains(
        "would cut Traefik for phoenixd")
        == true)
  }

  @Test("Who is let in already is not let in twice, and only the others are added")
  func halfForgetful() {
    let rules = [
      FirewallRule(.inward, .accept, .tcp, source: "10.0.0.0/24", ports: PortRange.list("22,7000:8000")),
      FirewallRule(.inward, .accept, .tcp, source: "10.0.0.13", ports: PortRange.list("2376")),
    ]
    let (firewall, _) = compile(guest(1001, "10.0.0.111", .manager, firewall(rules: rules)))
    let texts = Self.rules(of: firewall).map(\.match.description)
    #expect(texts.contains("in ACCEPT tcp 2376 from 10.0.0.12"))
    #expect(!texts.contains("in ACCEPT tcp 2376 from 10.0.0.13,10.0.0.12"))
    #expect(!texts.contains { $0.hasPrefix("in ACCEPT tcp 7946") })
    #expect(!texts.contains { $0.hasPrefix("in ACCEPT tcp 22 ") })
  }

  @Test("A policy that lets in needs no rules of ours")
  func acceptingPolicy() {
    var declared = firewall(rules: [])
    declared.inputPolicy = .accept
    let (firewall, _) = compile(guest(1001, "10.0.0.111", nil, declared))
    #expect(Self.rules(of: firewall).isEmpty)
  }

  @Test("Step-CA lets in every guest and phoenixd; many addresses make several rules")
  func authority() {
    var authority = guest(103, "10.0.0.10", nil, firewall(rules: []))
    authority.features = ["step_ca"]
    let others = (1...60).map { guest(2000 + $0, "10.0.1.\($0)", nil, nil) }
    let (firewall, _) = compile(authority, beside: others)
    let rules = Self.rules(of: firewall).filter { $0.match.ports == "9000" }
    let sources = rules.flatMap { $0.match.source?.split(separator: ",") ?? [] }
    #expect(sources.contains("10.0.0.13"))
    #expect(sources.filter { $0.hasPrefix("10.0.1.") }.count == 60)
    #expect(rules.allSatisfy { ($0.match.source?.utf8.count ?? 0) <= 512 })
    #expect(firewall?.ownWays.map(\.port).sorted() == [22, 9000])
  }

  @Test("A declared rule that stops SSH is told where it stands, and the change is held")
  func ownWayStopped() {
    let place = Location(file: "phoenix_vm_configs.json", line: 7, column: 3)
    let rules = [FirewallRule(.inward, .drop, .tcp, ports: PortRange.list("1:1024"), location: place)]
    let (firewall, findings) = compile(guest(1001, "10.0.0.111", .manager, firewall(rules: rules)))
    let finding = findings.first { $0.location == place }
    #expect(finding?.message.contains("SSH from phoenixd (10.0.0.13 to port 22/tcp of guest 1001)") == true)
    let change = firewall.map { Fixture.diff($0, Fixture.live()) }?.first
    #expect(change?.hold?.contains("would cut SSH from phoenixd") == true)
  }

  @Test("A guest that is not reached by SSH needs no SSH")
  func otherChannel() {
    var inventory = self.inventory([guest(1001, "10.0.0.111", nil, firewall(rules: []))])
    inventory.settings.shell.overrides[1001] = .agent
    let desired = Proxmox.compile(inventory, ConfigurationNodes()).desired.firewalls[1001]
    #expect(Self.rules(of: desired).isEmpty)
    #expect(desired?.ownWays.isEmpty == true)
  }

  @Test("A swarm node's firewall is on whatever its file says: held, or enforced by policy")
  func switchedOff() {
    let off = firewall(rules: [], isEnabled: false)
    let (held, _) = compile(guest(1001, "10.0.0.111", .manager, off))
    #expect(held?.hold?.contains("enforce_docker_firewall") == true)
    var inventory = self.inventory([guest(1001, "10.0.0.111", .manager, off)])
    inventory.settings.policy.enforceDockerFirewall = true
    let enforced = Proxmox.compile(inventory, ConfigurationNodes()).desired.firewalls[1001]
    #expect(enforced?.hold == nil)
    guard case .exactly(let options, _, _) = enforced?.target else {
      Issue.record("not ours")
      return
    }
    #expect(options.isEnabled)
    let live = Fixture.live([], options: .init(isEnabled: false, policyIn: .drop, policyOut: .accept))
    #expect(held.map { Fixture.diff($0, live).first?.hold != nil } == true)
    #expect(enforced.map { Fixture.diff($0, live).first?.hold == nil } == true)
    let (other, _) = compile(guest(200, "10.0.0.50", nil, off))
    guard case .exactly(let others, _, false) = other?.target else {
      Issue.record("not ours")
      return
    }
    #expect(!others.isEnabled)
    #expect(other?.hold == nil)
  }

  @Test("Without a firewall section only swarm nodes are ours, and only their 2375")
  func unmanaged() {
    #expect(compile(guest(1001, "10.0.0.111", .worker, nil)).0?.target == .dockerAPIClosed)
    #expect(compile(guest(1001, "10.0.0.111", nil, nil)).0 == nil)
  }

  @Test("The rules of a guest's stacks follow its own, each once")
  func stackRules() {
    let own = FirewallRule(.inward, .accept, .tcp, ports: PortRange.list("80"))
    let stacks = FirewallRule(.inward, .accept, .tcp, ports: PortRange.list("6333"))
    var qdrant = Stack(name: "qdrant", location: Location(file: "s", line: 1, column: 1))
    qdrant.firewallRules = ["production": [stacks, own], "testing": [FirewallRule(.inward, .drop)]]
    var node = guest(1001, "10.0.0.111", nil, firewall(rules: [own]))
    node.stacks = [StackReference(name: "qdrant")]
    var inventory = self.inventory([node])
    inventory.stacks = [qdrant]
    let desired = Proxmox.compile(inventory, ConfigurationNodes()).desired.firewalls[1001]
    #expect(Self.rules(of: desired).prefix(2).map(\.match.ports) == ["80", "6333"])
    #expect(Self.rules(of: desired).count == 3)
  }

  // MARK: - Making inventories

  private func compile(
    _ guest: Guest, beside others: [Guest] = []
  ) -> (Proxmox.DesiredFirewall?, [Finding]) {
    let compiled = Proxmox.compile(inventory([guest] + others), ConfigurationNodes())
    return (compiled.desired.firewalls[guest.id], compiled.findings)
  }

  private func inventory(_ guests: [Guest]) -> Inventory {
    var inventory = Inventory()
    inventory.site.hypervisorBlock = "10.0.0.13/24"
    inventory.certificates = [Self.client("traefik-client", at: 102)]
    inventory.guests = guests
    let beside = [
      guest(101, "10.0.0.153", nil, nil), guest(102, "10.0.0.12", nil, nil),
      guest(1002, "10.0.0.102", .worker, nil),
    ]
    for other in beside where inventory.guests.first?.swarmRole != nil || other.swarmRole == nil {
      if !guests.contains(where: { $0.id == other.id }) { inventory.guests.append(other) }
    }
    inventory.guests.sort { $0.id < $1.id }
    return inventory
  }

  private static func client(_ name: String, at guest: Int) -> CertificateEntry {
    let location = Location(file: "m", line: 1, column: 1)
    var entry = CertificateEntry(
      commonName: "\(name).internal.example", certificatePath: "/c", keyPath: "/k", location: location)
    entry.use = .client
    entry.deployments = [
      CertificateDeployment(guest: guest, certificatePath: "/c", keyPath: "/k", location: location)
    ]
    return entry
  }

  private func guest(
    _ id: Int, _ address: String, _ role: Guest.SwarmRole?, _ firewall: GuestFirewall?
  ) -> Guest {
    var guest = Guest(
      id: id, name: "g\(id)", kind: .machine, location: Location(file: "f", line: id, column: 1))
    guest.interfaces = [GuestInterface(name: "eth0", block: "\(address)/24")]
    guest.swarmRole = role
    guest.firewall = firewall
    return guest
  }

  private func firewall(rules: [FirewallRule], isEnabled: Bool = true) -> GuestFirewall {
    GuestFirewall(
      isEnabled: isEnabled, rules: rules, location: Location(file: "f", line: 1, column: 1))
  }

  private static func rules(of firewall: Proxmox.DesiredFirewall?) -> [Proxmox.Rule] {
    guard case .exactly(_, let rules, _) = firewall?.target else { return [] }
    return rules
  }
}
