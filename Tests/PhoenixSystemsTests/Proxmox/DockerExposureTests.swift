import PhoenixCore
import Testing

@testable import PhoenixSystems

@Suite("Whether 2375 is open")
struct DockerExposureTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let rules: [Proxmox.Rule]
    var policy = Proxmox.PacketPolicy.drop
    var isEnabled = true
    let exposure: DockerExposure

    var testDescription: String { "\(rules), \(policy)" }
  }

  static let cases = [
    Case(rules: [], exposure: .none),
    Case(rules: [], policy: .accept, exposure: .policy),
    Case(rules: [], isEnabled: false, exposure: .unfiltered),
    Case(rules: [rule("tcp", "2375")], exposure: .rule(0)),
    Case(rules: [rule("tcp", nil)], exposure: .rule(0)),
    Case(rules: [rule(nil, nil)], exposure: .rule(0)),
    Case(rules: [rule("0", nil)], exposure: .rule(0)),
    Case(rules: [rule("6", "22,2370:2380")], exposure: .rule(0)),
    Case(rules: [rule("tcp", "docker")], exposure: .rule(0)),
    Case(rules: [rule("tcp", "2376")], exposure: .none),
    Case(rules: [rule("tcp", "2376:65535")], exposure: .none),
    Case(rules: [rule("udp", "2375")], exposure: .none),
    Case(rules: [rule("icmp", nil)], exposure: .none),
    Case(rules: [rule("tcp", "2375", source: "10.0.0.13")], exposure: .rule(0)),
    Case(rules: [rule("tcp", "2375", source: "+management")], exposure: .rule(0)),
    Case(rules: [rule("tcp", "2375", type: "out")], exposure: .none),
    Case(rules: [rule("tcp", "2375", isEnabled: false)], exposure: .none),
    Case(rules: [rule("tcp", "2375", "DROP"), rule(nil, nil)], exposure: .none),
    Case(rules: [rule(nil, nil, "REJECT"), rule("tcp", "2375")], exposure: .none),
    Case(rules: [rule("tcp", "2375", "DROP"), rule(nil, nil)], policy: .accept, exposure: .none),
    Case(rules: [rule("tcp", "2375", "DROP", source: "10.0.0.5"), rule(nil, nil)], exposure: .rule(1)),
    Case(rules: [rule("tcp", "2375", "DROP", isEnabled: false), rule(nil, nil)], exposure: .rule(1)),
    Case(rules: [Proxmox.Rule("group", "open")], exposure: .rule(0)),
    Case(rules: [Proxmox.Rule("group", "closed"), rule(nil, nil)], exposure: .none),
    Case(rules: [grouped("closed", on: "net1"), rule("tcp", "2375")], exposure: .rule(1)),
    Case(rules: [grouped("open", on: "net1")], exposure: .rule(0)),
    Case(rules: [Proxmox.Rule("group", "web")], exposure: .none),
    Case(rules: [Proxmox.Rule("group", "nobody knows it")], exposure: .none),
    Case(rules: [macro("SSH"), faulty(rule(nil, nil))], exposure: .none),
  ]

  @Test("An incoming ACCEPT that covers 2375/tcp opens it, wherever from", arguments: cases)
  func exposure(testCase: Case) {
    let firewall = Proxmox.LiveFirewall(
      options: Proxmox.FirewallOptions(
        isEnabled: testCase.isEnabled, policyIn: testCase.policy, policyOut: .accept), rules: testCase.rules)
    let groups = [
      "open": [Self.rule("tcp", "80"), Self.rule("tcp", "2000:3000")],
      "closed": [Self.rule("tcp", "2375", "DROP"), Self.rule(nil, nil)], "web": [Self.rule("tcp", "80,443")],
    ]
    #expect(DockerExposure(of: firewall, groups: groups) == testCase.exposure)
  }

  private static func rule(
    _ transport: String?, _ ports: String?, _ action: String = "ACCEPT", type: String = "in",
    source: String? = nil, isEnabled: Bool = true
  ) -> Proxmox.Rule {
    Proxmox.Rule(type, action, transport, ports: ports, source: source, isEnabled: isEnabled)
  }

  private static func grouped(_ name: String, on interface: String) -> Proxmox.Rule {
    var rule = Proxmox.Rule("group", name)
    rule.match.interface = interface
    return rule
  }

  private static func macro(_ name: String) -> Proxmox.Rule {
    var rule = Proxmox.Rule("in", "ACCEPT")
    rule.match.macro = name
    return rule
  }

  private static func faulty(_ rule: Proxmox.Rule) -> Proxmox.Rule {
    var rule = rule
    rule.fault = "no such alias 'x'"
    return rule
  }
}
