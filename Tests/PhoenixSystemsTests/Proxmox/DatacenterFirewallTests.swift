import FoundationEssentials
import PhoenixCore
import PhoenixHost
import Testing

@testable import PhoenixSystems

@Suite("The datacenter's firewall")
struct DatacenterFirewallTests {
  private static let ping = Proxmox.Rule("in", "ACCEPT", "icmp", source: "10.0.0.0/24", comment: "hers")
  private static let management = Proxmox.Rule("in", "ACCEPT", "tcp", ports: "22,8006", source: "10.0.0.0/24")

  private static func desired(_ access: Proxmox.Access) -> Proxmox.Desired {
    Proxmox.Desired(
      access: access, firewalls: [:],
      datacenter: Proxmox.DesiredDatacenter(
        isEnabled: true, policyIn: .drop, policyOut: nil,
        rules: [Proxmox.Rule("in", "ACCEPT", "icmp", source: "10.0.0.0/24"), management]))
  }

  private static func changes(_ desired: Proxmox.Desired, _ observed: Proxmox.Observed) -> [Change] {
    Proxmox.diff(desired: desired, observed: observed, facts: Facts(), now: WallTime(seconds: 0))
  }

  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    var options = Proxmox.Datacenter(isEnabled: true, policyOut: .reject)
    var rules = [ping, management]
    let reason: String?
  }

  static let cases = [
    Case(testDescription: "as declared, whatever is said about a rule", reason: nil),
    Case(
      testDescription: "off", options: Proxmox.Datacenter(isEnabled: false), reason: "the firewall is off"),
    Case(
      testDescription: "another policy", options: Proxmox.Datacenter(isEnabled: true, policyIn: .accept),
      reason: "policy_in differs"),
    Case(testDescription: "a rule is missing", rules: [ping], reason: "1 rule is missing"),
    Case(
      testDescription: "a stray rule", rules: [ping, management, Fixture.open2375],
      reason: "1 rule is not declared"),
    Case(testDescription: "another order", rules: [management, ping], reason: "rule order differs"),
  ]

  @Test("It is compared, and what differs is reported and held", arguments: cases)
  func compared(testCase: Case) async throws {
    let fake = try FakeProxmox()
    fake.with { state in
      state.datacenter = testCase.options
      state.datacenterRules = testCase.rules
    }
    let desired = Self.desired(fake.access)
    let observed = await fake.system().observe(.everything, desired: desired)
    let changes = Self.changes(desired, observed)
    #expect(changes.map(\.reason) == [testCase.reason].compactMap { $0 })
    for change in changes {
      #expect(change.resource.description == "proxmox/datacenter-firewall/cluster")
      #expect(change.hold?.contains("cuts everybody off the hosts") == true)
      #expect(!change.fields.isEmpty)
    }
    let readiness = Proxmox.ready(Proxmox.datacenterResource, desired: desired, observed: observed)
    #expect((readiness == .ready) == (testCase.reason == nil))
    // A look of an action asks for no more than it needs.
    let count = fake.server.requests.count
    _ = await fake.system().observe(.only([Fixture.resource]), desired: desired)
    #expect(!fake.server.requests[count...].contains { $0.contains("cluster/firewall") })
  }

  @Test("What is not declared is not ours, and its rules are not asked for")
  func undeclared() async throws {
    let fake = try FakeProxmox()
    let desired = Proxmox.Desired(access: fake.access, firewalls: [:])
    let observed = await fake.system().observe(.everything, desired: desired)
    #expect(Self.changes(desired, observed).isEmpty)
    #expect(!fake.server.requests.contains("GET /api2/json/cluster/firewall/rules"))
    #expect(Proxmox.compile(Inventory(), ConfigurationNodes()).resources.isEmpty)
  }

  @Test(
    "What cannot be read of it is unreadable, and nothing is said to differ", arguments: ["options", "rules"])
  func unreadable(part: String) async throws {
    let fake = try FakeProxmox()
    fake.with {
      $0.fault = { $0.path == "/api2/json/cluster/firewall/\(part)" ? .json(403, #"{"message":"no"}"#) : nil }
    }
    let desired = Self.desired(fake.access)
    let observed = await fake.system().observe(.everything, desired: desired)
    #expect(Self.changes(desired, observed).isEmpty)
    guard
      case .unreadable(let reason) = Proxmox.ready(
        Proxmox.datacenterResource, desired: desired, observed: observed)
    else {
      Issue.record("readable")
      return
    }
    #expect(reason.contains("Sys.Audit on /"))
    #expect(Proxmox.health(of: observed) == .partly("datacenter firewall: \(reason)"))
  }

  /// The lab's stored rules, as its seeding puts them in.
  private struct Stored: Decodable {
    struct Firewall: Decodable {
      struct Options: Decodable {
        let enable: Int
        let policyIn: String
        let policyOut: String
        enum CodingKeys: String, CodingKey {
          case enable
          case policyIn = "policy_in"
          case policyOut = "policy_out"
        }
      }
      struct StoredRule: Decodable {
        let type: String
        let action: String
        let proto: String?
        let source: String?
        let dest: String?
        let dport: String?
        let comment: String?

        var rule: Proxmox.Rule {
          Proxmox.Rule(
            type, action, proto, ports: dport, source: source, destination: dest, comment: comment)
        }
      }
      let options: Options
      let rules: [StoredRule]
    }
    let firewall: [String: Firewall]
  }

  @Test("In a fresh lab, where what the example declares is stored, no firewall differs")
  func lab() throws {
    let root = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    let data = try Data(contentsOf: URL(filePath: "\(root)/Tests/Lab/guests.json"))
    let stored = try JSONDecoder().decode(Stored.self, from: data).firewall
    let loaded = ConfigurationLoader.load(directory: "\(root)/etc/phoenix")
    let desired = Proxmox.compile(loaded.inventory, loaded.nodes).desired
    var observed = Proxmox.Observed(guests: .known([:]), datacenter: nil)
    for (name, firewall) in stored {
      let isEnabled = firewall.options.enable == 1
      let policyIn = try #require(Proxmox.PacketPolicy(rawValue: firewall.options.policyIn))
      let policyOut = try #require(Proxmox.PacketPolicy(rawValue: firewall.options.policyOut))
      let rules = firewall.rules.map(\.rule)
      guard let vmid = Int(name) else {
        observed.datacenter = .known(
          Proxmox.Datacenter(isEnabled: isEnabled, policyIn: policyIn, policyOut: policyOut))
        observed.datacenterRules = .known(rules)
        continue
      }
      observed.firewalls[vmid] = .known(
        Proxmox.LiveFirewall(
          options: Proxmox.FirewallOptions(isEnabled: isEnabled, policyIn: policyIn, policyOut: policyOut),
          rules: rules))
    }
    #expect(observed.firewalls.count == desired.firewalls.count)
    #expect(Self.changes(desired, observed) == [])
    #expect(Proxmox.ready(Proxmox.datacenterResource, desired: desired, observed: observed) == .ready)
  }

  @Test("The example lets packets to the swarm's ports through from where they belong, and from nowhere else")
  func packets() throws {
    let root = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    let loaded = ConfigurationLoader.load(directory: "\(root)/etc/phoenix")
    let desired = Proxmox.compile(loaded.inventory, loaded.nodes).desired
    let hosts = [
      "10.0.0.10", "10.0.0.12", "10.0.0.13", "10.0.0.102", "10.0.0.111", "10.0.0.153", "10.0.0.200",
    ]
    let (manager, worker) = ("10.0.0.111", "10.0.0.102")
    let allowed: [(guest: Int, transport: String, port: Int, sources: Set<String>)] = [
      (1001, "tcp", 2376, ["10.0.0.12", "10.0.0.13"]), (1002, "tcp", 2376, []), (1001, "tcp", 2375, []),
      (1002, "tcp", 2375, []), (1001, "tcp", 2377, [worker]), (1001, "tcp", 7946, [worker]),
      (1001, "udp", 7946, [worker]), (1001, "udp", 4789, [worker]), (1002, "tcp", 7946, [manager]),
      (1002, "udp", 7946, [manager]), (1002, "udp", 4789, [manager]),
      (102, "tcp", 8443, ["10.0.0.13", "10.0.0.153"]),
      (102, "tcp", 443, []), (101, "tcp", 443, Set(hosts)), (101, "tcp", 80, Set(hosts)),
    ]
    for way in allowed {
      guard case .exactly(_, let rules, _) = try #require(desired.firewalls[way.guest]).target else {
        Issue.record("not ours")
        continue
      }
      let sources = hosts.filter { host in
        let packet = Packet(
          source: IPAddress(host) ?? .v4(0), destination: nil, transport: way.transport, port: way.port)
        if case .accepted = Proxmox.Rule.verdict(on: packet, by: rules) { return true }
        return false
      }
      #expect(Set(sources) == way.sources, "\(way.port)/\(way.transport) of \(way.guest)")
    }
  }
}
