import PhoenixCore
import PhoenixHost
import Testing

@testable import PhoenixSystems

@Suite("Who else gets a connection to the Docker API")
struct DockerStrangersTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let source: String?
    let words: String?
    var ports: String? = "2376"
    var action = FirewallRule.Action.accept
    var isNode = true

    var testDescription: String { "\(action) \(source ?? "everywhere") \(ports ?? "all ports") \(isNode)" }
  }

  private static let place = Location(file: "phoenix_vm_configs.json", line: 50, column: 11)

  static let cases = [
    Case(source: "10.0.0.12", words: nil), Case(source: "10.0.0.12,10.0.0.13", words: nil),
    Case(source: "10.0.0.153", words: "lets 10.0.0.153 (Nginx-Phoenix) connect"),
    Case(source: "10.0.0.12,10.0.0.200", words: "lets 10.0.0.200 connect"),
    Case(source: "10.0.0.0/24", words: "lets whoever is in 10.0.0.0/24 connect"),
    Case(source: "10.0.0.12-10.0.0.13", words: "lets whoever is in 10.0.0.12-10.0.0.13 connect"),
    Case(source: "+management", words: "lets whoever is in +management connect"),
    Case(source: nil, words: "lets everybody connect"),
    Case(source: nil, words: "lets everybody connect", ports: "2376:2380"),
    Case(source: nil, words: nil, ports: "22,443"), Case(source: nil, words: nil, action: .drop),
    Case(source: nil, words: nil, isNode: false),
  ]

  @Test("A rule that lets in another than a client is told where it stands", arguments: cases)
  func findings(testCase: Case) throws {
    let directory = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    let loaded = ConfigurationLoader.load(directory: "\(directory)/etc/phoenix")
    var inventory = loaded.inventory
    let index = try #require(inventory.guests.firstIndex { $0.id == 1001 })
    inventory.guests[index].firewall?.rules.append(
      FirewallRule(
        .inward, testCase.action, .tcp, source: testCase.source,
        ports: testCase.ports.flatMap { PortRange.list($0) },
        location: Self.place))
    if !testCase.isNode { inventory.guests[index].swarmRole = nil }
    let findings = Proxmox.compile(inventory, loaded.nodes).findings
    guard let words = testCase.words else {
      #expect(findings.map(\.message) == [])
      return
    }
    let finding = try #require(findings.first)
    #expect(findings.count == 1 && finding.severity == .warning)
    #expect(finding.location == Self.place && finding.resource == Proxmox.firewallResource(1001))
    #expect(finding.message.contains(words), "\(finding.message)")
    #expect(finding.message.contains("2376/tcp, of Portainer (1001)"))
    #expect(finding.hint == "name its clients: 10.0.0.12,10.0.0.13,10.0.0.111")
  }
}
