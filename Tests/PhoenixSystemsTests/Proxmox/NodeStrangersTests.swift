import PhoenixCore
import PhoenixHost
import Testing

@testable import PhoenixSystems

@Suite("Who else gets a connection to a swarm node's own ports")
struct NodeStrangersTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let source: String?
    /// What is told: the ports, and who; nothing when nil.
    let told: [String]
    var ports: String? = "2376"
    var transport: FirewallRule.NetworkProtocol? = .tcp
    var action = FirewallRule.Action.accept
    var isNode = true

    var testDescription: String { "\(action) \(source ?? "everywhere") \(ports ?? "all ports") \(isNode)" }
  }

  private static let place = Location(file: "phoenix_vm_configs.json", line: 50, column: 11)

  private static let api = "connect to the Docker API, 2376/tcp, of Portainer (1001)"
  private static let swarm = "connect to the swarm's own ports, "

  static let cases = [
    Case(source: "10.0.0.12", told: []), Case(source: "10.0.0.12,10.0.0.13", told: []),
    Case(source: "10.0.0.153", told: ["lets 10.0.0.153 (Nginx-Phoenix) \(api)"]),
    Case(source: "10.0.0.12,10.0.0.200", told: ["lets 10.0.0.200 \(api)"]),
    Case(source: "10.0.0.0/24", told: ["lets whoever is in 10.0.0.0/24 \(api)"]),
    Case(source: "10.0.0.12-10.0.0.13", told: ["lets whoever is in 10.0.0.12-10.0.0.13 \(api)"]),
    Case(source: "+management", told: ["lets whoever is in +management \(api)"]),
    Case(source: nil, told: ["lets everybody \(api)"]),
    Case(
      source: nil, told: ["lets everybody \(api)", "lets everybody \(swarm)2377/tcp, of"], ports: "2376:2380"),
    Case(
      source: nil, told: ["lets everybody \(api)", "lets everybody \(swarm)2377/tcp, 7946/tcp, of"],
      ports: "2376:9000"
    ),
    Case(
      source: "10.0.0.12", told: ["lets 10.0.0.12 (Traefik-Internal) \(swarm)7946/udp, 4789/udp, of"],
      ports: "4789,7946", transport: .udp),
    Case(source: "10.0.0.102", told: [], ports: "2377,7946"),
    Case(source: nil, told: [], ports: "4789"),
    Case(source: nil, told: [], ports: "22,443"), Case(source: nil, told: [], action: .drop),
    Case(source: nil, told: [], isNode: false),
  ]

  private func compile(_ change: (inout Guest) -> Void) throws -> [Finding] {
    let directory = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    let loaded = ConfigurationLoader.load(directory: "\(directory)/etc/phoenix")
    var inventory = loaded.inventory
    let index = try #require(inventory.guests.firstIndex { $0.id == 1001 })
    change(&inventory.guests[index])
    return Proxmox.compile(inventory, loaded.nodes).findings.filter {
      $0.resource == Proxmox.firewallResource(1001)
    }
  }

  @Test("A rule that lets in another than it is for is told where it stands", arguments: cases)
  func rules(testCase: Case) throws {
    let findings = try compile { guest in
      guest.firewall?.rules.append(
        FirewallRule(
          .inward, testCase.action, testCase.transport, source: testCase.source,
          ports: testCase.ports.flatMap { PortRange.list($0) }, location: Self.place))
      if !testCase.isNode { guest.swarmRole = nil }
    }
    #expect(findings.count == testCase.told.count, "\(findings.map(\.message))")
    for (finding, words) in zip(findings, testCase.told) {
      #expect(finding.severity == .warning)
      #expect(finding.location == Self.place && finding.resource == Proxmox.firewallResource(1001))
      #expect(finding.message.contains(words), "\(finding.message)")
      #expect(
        finding.hint
          == (words.contains("Docker API")
            ? "name its clients: 10.0.0.12,10.0.0.13,10.0.0.111" : "name the nodes: 10.0.0.102,10.0.0.111"))
    }
  }

  @Test("A node whose firewall is not declared, or lets everything in, is told")
  func openNodes() throws {
    let undeclared = try compile { $0.firewall = nil }
    #expect(undeclared.count == 1)
    #expect(
      undeclared.first?.message.hasPrefix("Portainer (1001) is a swarm node, and its entry has no") == true)
    let open = try compile { $0.firewall?.inputPolicy = .accept }
    #expect(open.count == 1)
    #expect(open.first?.message.hasPrefix("the incoming policy of Portainer (1001) is ACCEPT") == true)
    #expect(
      try compile {
        $0.firewall = nil
        $0.swarmRole = nil
      }.isEmpty)
  }
}
