import FoundationEssentials
import PhoenixCore
import Testing

@testable import PhoenixSystems

@Suite("What differs in a guest's firewall")
struct ProxmoxDiffTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let live: Proxmox.LiveFirewall
    var desired = Fixture.firewall()
    let reason: String
    let fields: [String]
    var hold = false
    var risk = Risk.safe
  }

  static let cases = [
    Case(
      testDescription: "a stray rule opens 2375", live: Fixture.live([Fixture.open2375] + Fixture.rules),
      reason: "a rule opens 2375: in ACCEPT tcp 2375, 1 rule is not declared",
      fields: ["rules[0]: in ACCEPT tcp 2375 -> (none)"]),
    Case(
      testDescription: "order", live: Fixture.live([Fixture.docker, Fixture.web, Fixture.ssh]),
      reason: "rule order differs",
      fields: [
        "rules[0]: in ACCEPT tcp 2376 from 10.0.0.12,10.0.0.13 -> (none)",
        "rules[1]: (none) -> in ACCEPT tcp 2376 from 10.0.0.12,10.0.0.13",
      ]),
    Case(
      testDescription: "a rule is missing", live: Fixture.live([Fixture.web, Fixture.docker]),
      reason: "1 rule is missing",
      fields: ["rules[2]: (none) -> in ACCEPT tcp 22 from 10.0.0.13 (phoenix: SSH from phoenixd)"]),
    Case(
      testDescription: "a rule is disabled",
      live: Fixture.live([Fixture.web, disabled(Fixture.docker), Fixture.ssh]), reason: "1 rule is disabled",
      fields: ["rules[1].enable: false -> true"]),
    Case(
      testDescription: "the firewall is off",
      live: Fixture.live(
        options: Proxmox.FirewallOptions(isEnabled: false, policyIn: .drop, policyOut: .accept)),
      reason: "2375 is open: the firewall is off", fields: ["enable: false -> true"]),
    Case(
      testDescription: "policies are not set, or differ",
      live: Fixture.live(
        options: Proxmox.FirewallOptions(isEnabled: true, policyIn: .accept, policyOut: nil)),
      reason: "the incoming policy opens 2375, policy_in differs, policy_out is not set",
      fields: ["policy_in: ACCEPT -> DROP", "policy_out: (none) -> ACCEPT"]),
    Case(
      testDescription: "another comment",
      live: Fixture.live([commented(Fixture.web), Fixture.docker, Fixture.ssh]),
      reason: "1 rule has another comment", fields: ["rules[0].comment: mine -> Portainer"]),
    Case(
      testDescription: "what should be cuts SSH", live: Fixture.live(),
      desired: Fixture.firewall([Proxmox.Rule("in", "DROP", "tcp", ports: "1:1024")] + Fixture.rules),
      reason: "1 rule is missing", fields: ["rules[0]: (none) -> in DROP tcp 1:1024"], hold: true),
    Case(
      testDescription: "what should be forgets SSH", live: Fixture.live(),
      desired: Fixture.firewall([Fixture.web]),
      reason: "2 rules are not declared",
      fields: [
        "rules[1]: in ACCEPT tcp 2376 from 10.0.0.12,10.0.0.13 -> (none)",
        "rules[2]: in ACCEPT tcp 22 from 10.0.0.13 (phoenix: SSH from phoenixd) -> (none)",
      ], hold: true),
    Case(
      testDescription: "held, and 2375 is closed all the same",
      live: Fixture.live([Fixture.open2375, Fixture.web, Fixture.ssh]),
      desired: Fixture.firewall(hold: "later"),
      reason: "a rule opens 2375: in ACCEPT tcp 2375", fields: ["rules[0]: in ACCEPT tcp 2375 -> (none)"]),
    Case(
      testDescription: "rules of somebody else, one opens 2375 alone",
      live: Fixture.live([Fixture.web, Fixture.open2375]), desired: Fixture.unmanaged,
      reason: "a rule opens 2375: in ACCEPT tcp 2375", fields: ["rules[1]: in ACCEPT tcp 2375 -> (none)"]),
    Case(
      testDescription: "rules of somebody else, one opens 2375 among others",
      live: Fixture.live([Fixture.web, Proxmox.Rule("in", "ACCEPT", "tcp", ports: "2000:3000")]),
      desired: Fixture.unmanaged, reason: "a rule opens 2375: in ACCEPT tcp 2000:3000",
      fields: [
        "rules[0]: (none) -> in DROP tcp 2375 (phoenix: the unencrypted Docker API stays closed)"
      ]),
    Case(
      testDescription: "switching off is not for the daemon alone", live: Fixture.live(),
      desired: Fixture.firewall(
        options: Proxmox.FirewallOptions(isEnabled: false, policyIn: .drop, policyOut: .accept)),
      reason: "the firewall is on", fields: ["enable: true -> false"], risk: .disruptive),
  ]

  @Test("A difference is told field by field, with its reason", arguments: cases)
  func difference(testCase: Case) throws {
    let changes = Fixture.diff(testCase.desired, testCase.live)
    let change = try #require(changes.first)
    #expect(changes.count == 1)
    #expect(change.resource == Fixture.resource)
    #expect(change.reason == testCase.reason)
    #expect(change.fields.map(Self.text) == testCase.fields)
    #expect((change.hold != nil) == testCase.hold)
    #expect(change.risk == testCase.risk)
  }

  static let equals: [(Proxmox.DesiredFirewall, Proxmox.LiveFirewall)] = [
    (Fixture.firewall(), Fixture.live()),
    // The same meaning, written otherwise.
    (
      Fixture.firewall(),
      Fixture.live([
        Fixture.web,
        Proxmox.Rule("in", "accept", "6", ports: "2376", source: "10.0.0.13/32, 10.0.0.12", comment: "hers"),
        Fixture.ssh,
      ])
    ),
    (Fixture.unmanaged, Fixture.live([Fixture.web])),
    (Fixture.unmanaged, Fixture.live([.dockerShield, Proxmox.Rule("in", "ACCEPT", "tcp", ports: "1:3000")])),
    (Fixture.unmanaged, Fixture.live([disabled(Fixture.open2375)])),
  ]

  @Test("What is as it should be gives no change, however it is written", arguments: equals)
  func noDifference(desired: Proxmox.DesiredFirewall, live: Proxmox.LiveFirewall) {
    #expect(Fixture.diff(desired, live).isEmpty)
  }

  @Test("What could not be read, or is not there, is never changed")
  func unreadable() {
    for reading in [.unreadable("timeout"), .absent] as [Reading<Proxmox.LiveFirewall>] {
      let changes = Proxmox.diff(
        desired: Fixture.desired(), observed: Fixture.observed(reading), facts: Facts(),
        now: WallTime(seconds: 0))
      #expect(changes.isEmpty)
    }
    var nothing = Fixture.observed(.absent)
    nothing.firewalls = [:]
    #expect(
      Proxmox.diff(desired: Fixture.desired(), observed: nothing, facts: Facts(), now: WallTime(seconds: 0))
        .isEmpty)
  }

  @Test("States survive their encoding")
  func codable() throws {
    let desired = Fixture.desired(Fixture.firewall(hold: "later"))
    let observed = Fixture.observed(
      .known(Fixture.live()), groups: ["g": .known([Fixture.web]), "h": .absent])
    let unreadable = Fixture.observed(.unreadable("timeout"))
    #expect(try Self.coded(desired) == desired)
    #expect(try Self.coded(Fixture.desired(Fixture.unmanaged)) == Fixture.desired(Fixture.unmanaged))
    #expect(try Self.coded(observed) == observed)
    #expect(try Self.coded(unreadable) == unreadable)
  }

  @Test("The diff of 10,000 firewalls in sync takes no noticeable time", .timeLimit(.minutes(1)))
  func manyGuests() {
    var desired = Fixture.desired(), observed = Fixture.observed(.absent)
    for vmid in 1...10_000 {
      desired.firewalls[vmid] = Fixture.firewall()
      observed.firewalls[vmid] = .known(Fixture.live())
    }
    desired.firewalls[1001] = nil
    #expect(
      Proxmox.diff(desired: desired, observed: observed, facts: Facts(), now: WallTime(seconds: 0)).isEmpty)
  }

  private static func coded<Value: Codable>(_ value: Value) throws -> Value {
    try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(value))
  }

  private static func disabled(_ rule: Proxmox.Rule) -> Proxmox.Rule {
    var rule = rule
    rule.isEnabled = false
    return rule
  }

  private static func commented(_ rule: Proxmox.Rule) -> Proxmox.Rule {
    var rule = rule
    rule.comment = "mine"
    return rule
  }

  static func text(_ field: FieldChange) -> String {
    "\(field.field): \(text(field.from)) -> \(text(field.to))"
  }

  private static func text(_ value: FieldValue?) -> String {
    switch value {
    case .text(let text): text
    case .flag(let flag): "\(flag)"
    case .number(let number): "\(number)"
    default: "(none)"
    }
  }
}
