import PhoenixCore
import Testing

@Suite struct InventoryTests {
  static func example() throws -> LoadedConfiguration {
    var texts: [ConfigurationPart: String] = [:]
    for part in ConfigurationPart.allCases {
      texts[part] = String(decoding: try Texts.source("etc/phoenix/\(part.fileName)"), as: UTF8.self)
    }
    return try Texts.load(texts)
  }

  @Test func theExamplesGuests() throws {
    let inventory = try Self.example().inventory
    let authority = try #require(inventory[guest: 103])
    #expect(authority.name == "Step-CA" && authority.kind == .container && authority.address == "10.0.0.10")
    #expect(authority.cloneSource == 900 && authority.interfaces[0].mac == "BC:24:11:00:01:03")
    #expect(inventory.certificateAuthority == authority)
    let manager = try #require(inventory[guest: 1001])
    #expect(manager.kind == .machine && manager.swarmRole == .manager && manager.portainerRole == .primary)
    #expect(manager.loginUser == "phoenix" && manager.dependencies == [102])
    #expect(inventory.swarmManagers.map(\.id) == [1001] && inventory.swarmWorkers.map(\.id) == [1002])
    #expect(inventory[guest: 104] == nil)
    #expect(inventory.reverseProxy?.id == 102 && inventory.gateway?.id == 101)
    #expect(inventory.routes.map(\.name) == ["nginx", "portainer"])
    #expect(inventory.site.domain == "internal.example" && inventory.site.hypervisorAddress == "10.0.0.13")
  }

  @Test func theExamplesCertificates() throws {
    let entries = try Self.example().inventory.certificates
    #expect(
      Set(entries.map { $0.commonName.split(separator: ".")[0] }) == [
        "nginx", "portainer", "traefik", "docker-daemon", "traefik-client", "nginx-gateway-client",
        "portainer-client",
        "drphoenix-agent",
      ])
    let nginx = try #require(entries.first)
    #expect(nginx.names == ["nginx.internal.example", "*.internal.example", "10.0.0.153"])
    #expect(nginx.deployments.map(\.consumer) == [.nginx] && nginx.deployments[0].owner.group == "www-data")
    #expect(nginx.deployments[0].probe?.port == 443 && nginx.mode.description == "640")
    #expect(entries.filter { $0.use == .client }.count == 3)
  }

  /// An empty phoenixd.json gives what the example writes out: everything is derived.
  @Test func whatIsLeftOutIsDerived() throws {
    let written = try Self.example()
    var nodes = written.nodes
    nodes.daemon = nil
    var expected = written.inventory.settings
    expected.proxmox.node = nil
    expected.proxmox.rootFile = nil
    expected.shell.knownHosts = nil
    expected.policy.windows = []
    // The example lets the daemon restart what must be restarted; by itself it does not.
    expected.policy.allow = [.safe]
    var derived = LoadedConfiguration(nodes).inventory.settings
    // Written out or left to the default, an interval is the same.
    for system in SystemName.allCases { #expect(derived.intervals[system] == expected.intervals[system]) }
    derived.intervals = expected.intervals
    #expect(derived == expected)
  }

  @Test func settingsAreDecoded() throws {
    let text = """
      {"intervals": {"step_ca": "5m", "docker_api": "7s", "full": "1h"},
       "policy": {"self_heal": {"proxmox": false}, "allow": ["safe", "disruptive"], "max_deletes": 3,
                  "max_changed_fraction": 0.25,
                  "windows": [{"days": "Sat,Sun", "from": "22:00", "to": "04:30", "allow": ["disruptive"]},
                              {"from": "01:00", "to": "02:00", "allow": []}]},
       "shell": {"overrides": {"1001": {"via": "agent"}}}, "timeouts": {"action": "90s"},
       "concurrency": {"actions": 2}, "docker": {"managers": ["tcp://a:2376", "tcp://b:2376"]}}
      """
    let settings = try Texts.load([.daemon: text]).inventory.settings
    #expect(settings.intervals[.stepCA] == .seconds(300) && settings.intervals[.dockerAPI] == .seconds(7))
    #expect(settings.intervals[.proxmox] == .seconds(30) && settings.intervals.full == .seconds(3600))
    #expect(!settings.policy.heals(.proxmox) && settings.policy.heals(.nginx))
    #expect(settings.policy.allow == [.safe, .disruptive] && settings.policy.maxDeletes == 3)
    #expect(settings.policy.maxChangedFraction == 0.25)
    #expect(
      settings.policy.windows[0]
        == MaintenanceWindow(days: [6, 0], from: 1320, to: 270, allow: [.disruptive]))
    #expect(settings.policy.windows[1].days == Set(0...6))
    #expect(settings.shell.overrides == [1001: .agent])
    #expect(settings.timeouts.action == .seconds(90) && settings.timeouts.connect == .seconds(5))
    #expect(settings.concurrency.actions == 2 && settings.concurrency.requestsPerEndpoint == 6)
    #expect(settings.dockerManagers == ["tcp://a:2376", "tcp://b:2376"])
  }

  /// eth0 by dhcp and a static second device: the address is the static one.
  @Test func theStaticAddressCounts() throws {
    let text = """
      {"lxc_configs": {"200": {"name": "a", "mac_address": "bc:24:11:00:00:01", "network_config": {"ip": "dhcp"},
        "secondary_network_config": {"name": "eth1", "ip": "10.0.0.50/24", "hwaddr": "BC:24:11:00:00:02"}}}}
      """
    let guest = try #require(try Texts.load([.containers: text]).inventory[guest: 200])
    #expect(guest.address == "10.0.0.50" && guest.addresses == ["10.0.0.50"])
    #expect(guest.interfaces.map(\.mac) == ["BC:24:11:00:00:01", "BC:24:11:00:00:02"])
  }

  @Test(arguments: [
    (#""rules": [{"type": "in", "action": "ACCEPT"}]"#, true),
    (#""rules": [{"type": "in", "action": "ACCEPT", "proto": "tcp"}]"#, true),
    (#""rules": [{"type": "in", "action": "ACCEPT", "proto": "tcp", "port": "2375"}]"#, true),
    (#""rules": [{"type": "in", "action": "ACCEPT", "proto": "tcp", "port": 2375}]"#, true),
    (#""rules": [{"type": "in", "action": "ACCEPT", "proto": "tcp", "port": "80,2000:3000"}]"#, true),
    (#""rules": [{"type": "in", "action": "ACCEPT", "proto": "tcp", "port": "docker"}]"#, true),
    (
      #""rules": [{"type": "in", "action": "ACCEPT", "proto": "tcp", "port": "2375", "source": "10.0.0.13"}]"#,
      true
    ),
    (#""default_input_policy": "ACCEPT""#, true),
    (#""rules": [{"type": "in", "action": "ACCEPT", "proto": "tcp", "port": "2376"}]"#, false),
    (#""rules": [{"type": "in", "action": "ACCEPT", "proto": "udp", "port": "2375"}]"#, false),
    (#""rules": [{"type": "in", "action": "ACCEPT", "proto": "icmp"}]"#, false),
    (#""rules": [{"type": "in", "action": "DROP", "proto": "tcp", "port": "2375"}]"#, false),
    (#""rules": [{"type": "out", "action": "ACCEPT", "proto": "tcp", "port": "2375"}]"#, false),
  ])
  func whatAdmitsTheOpenDockerPort(firewall: String, admits: Bool) throws {
    let machine = { (role: String) in
      """
      {"vms": [{"vmid": 1001, "name": "a", \(role) "network_config": {"ip": "10.0.0.111/24"},
        "firewall": {\(firewall)}}]}
      """
    }
    #expect(try Texts.load([.machines: machine("\"swarm_role\": \"manager\",")]).hasErrors == admits)
    #expect(try !Texts.load([.machines: machine("")]).hasErrors, "only swarm nodes have a Docker API")
  }

  @Test func repeatedRulesAreAppliedOnce() throws {
    let rule = { (port: String, comment: String) in
      #"{"type": "in", "action": "ACCEPT", "proto": "tcp", "port": "\#(port)", "comment": "\#(comment)"}"#
    }
    let rules = [rule("80,443", "a"), rule("22", "b"), rule("443,80", "c"), rule("80,443", "d")].joined(
      separator: ",")
    let loaded = try Texts.load([
      .containers: #"{"lxc_configs": {"101": {"name": "a", "firewall": {"rules": [\#(rules)]}}}}"#
    ])
    let firewall = try #require(loaded.inventory[guest: 101]?.firewall)
    #expect(firewall.rules.map(\.portText) == ["80,443", "22"])
    #expect(firewall.rules.map(\.comment) == ["a", "b"])
    #expect(firewall.isEnabled && firewall.inputPolicy == .drop)
    #expect(loaded.findings.count == 1 && loaded.findings.first?.severity == .warning)
  }

  @Test func aSwitchedOffFirewallKeepsItsRules() throws {
    let text = """
      {"vms": [{"vmid": 1001, "name": "a", "swarm_role": "manager", "network_config": {"ip": "10.0.0.111/24"},
        "firewall": {"enabled": false, "rules": [{"type": "in", "action": "ACCEPT", "proto": "icmp"}]}}]}
      """
    let loaded = try Texts.load([.machines: text])
    let firewall = try #require(loaded.inventory[guest: 1001]?.firewall)
    #expect(!firewall.isEnabled && firewall.rules.count == 1 && firewall.isSwitchedOffBesideRules)
    #expect(loaded.findings.map(\.severity) == [.warning])
    #expect(loaded.findings.first?.message.contains("unprotected, and held") == true)
    let enforced = try Texts.load([
      .machines: text, .daemon: #"{"policy": {"enforce_docker_firewall": true}}"#,
    ])
    #expect(enforced.findings.first?.message.contains("switches it on all the same") == true)
  }

  @Test func aMisplacedFirewallIsUsed() throws {
    let firewall = #"{"enabled": true, "default_input_policy": "DROP", "global_firewall_rules": []}"#
    let nested = try Texts.load([
      .hypervisor: #"{"shared_volumes": {"firewall": \#(firewall)}}"#,
      .containers: #"{"lxc_configs":{"100":{"name":"a"}}}"#,
    ])
    #expect(nested.inventory.datacenterFirewall?.inputPolicy == .drop)
    #expect(nested.findings.map(\.severity) == [.warning])
    let both = try Texts.load([
      .hypervisor: #"{"firewall": {"enabled": false}, "shared_volumes": {"firewall": \#(firewall)}}"#,
      .containers: #"{"lxc_configs":{"100":{"name":"a"}}}"#,
    ])
    #expect(both.inventory.datacenterFirewall?.isEnabled == false)
    #expect(both.findings.map(\.severity) == [.warning])
  }
}
