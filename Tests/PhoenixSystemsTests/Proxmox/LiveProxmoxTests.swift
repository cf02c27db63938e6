import FoundationEssentials
import PhoenixCore
import PhoenixHost
import PhoenixNetwork
import Testing

@testable import PhoenixSystems

/// Where an API is, when there is one.
private enum LiveProxmox {
  private static let environment = ProcessInfo.processInfo.environment
  static let url = environment["PHOENIX_PROXMOX_URL"]
  static let root = environment["PHOENIX_PROXMOX_CA"]

  static var token: (directory: String, name: String) {
    let parts = (environment["PHOENIX_PROXMOX_TOKEN"] ?? "/token").split(separator: "/").map(String.init)
    return ("/" + parts.dropLast().joined(separator: "/"), parts.last ?? "token")
  }
}

/// Against an API that is really there, such as the lab's: PHOENIX_PROXMOX_URL, PHOENIX_PROXMOX_CA (a file) and
/// PHOENIX_PROXMOX_TOKEN (a file). It writes the firewall of guest 1001, and leaves it closed.
@Suite("Against a running Proxmox API", .enabled(if: LiveProxmox.url != nil), .serialized)
struct LiveProxmoxTests {
  private var proxmox: Proxmox {
    let credentials = Credentials(directory: LiveProxmox.token.directory)
    return Proxmox(
      client: HTTPClient(),
      keys: Proxmox.Keys(
        token: { name throws(Failure) in try credentials.secret(name) },
        trust: { file throws(Failure) in
          do throws(FileError) {
            return TLSTrust(
              rootsPEM: String(decoding: try AtomicFile.read(file ?? "", limit: 65_536), as: UTF8.self))
          } catch {
            throw error.failure(doing: "read the root")
          }
        }), stateDirectory: "/nonexistent")
  }

  private var desired: Proxmox.Desired {
    Fixture.desired(
      access: Proxmox.Access(
        endpoints: [LiveProxmox.url ?? ""], node: "pve1", certificateAuthorityFile: LiveProxmox.root,
        tokenCredential: LiveProxmox.token.name))
  }

  static let starts: [(String, [Proxmox.Rule])] = [
    ("nothing", []),
    ("2375 on top", [Fixture.open2375] + Fixture.rules),
    (
      "twenty strays",
      (0..<20).map { Proxmox.Rule("in", "ACCEPT", "tcp", ports: "\(3000 + $0)") } + Fixture.rules
    ),
    ("all through one rule", [Proxmox.Rule("in", "ACCEPT")]),
    ("reversed", Fixture.rules.reversed()),
    (
      "drops between",
      [Proxmox.Rule("in", "DROP", "udp", source: "10.0.0.0/24")] + Fixture.rules + [
        Proxmox.Rule("out", "DROP", "icmp")
      ]
    ),
  ]

  @Test("Every start becomes what it should be, and then nothing differs", arguments: starts)
  func converges(name: String, rules: [Proxmox.Rule]) async throws {
    let proxmox = self.proxmox
    let desired = self.desired
    try await set(rules, proxmox, desired)
    let before = await proxmox.observe(.everything, desired: desired)
    #expect(Proxmox.health(of: before) == .readable)
    #expect(before.firewalls[1001]?.value?.rules.map(\.match) == rules.map(\.match))
    let changes = Proxmox.diff(desired: desired, observed: before, facts: Facts(), now: WallTime(seconds: 0))
    let change = try #require(changes.first)
    try await proxmox.apply(change, desired: desired, observed: before, facts: Facts())
    let after = await proxmox.observe(.only([Fixture.resource]), desired: desired)
    #expect(
      Proxmox.diff(desired: desired, observed: after, facts: Facts(), now: WallTime(seconds: 0)).isEmpty)
    #expect(after.firewalls[1001]?.value?.rules.map(\.match) == Fixture.rules.map(\.match))
  }

  @Test("A digest of before is refused as a conflict, a position that is gone too, a bad port for good")
  func refusals() async throws {
    let proxmox = self.proxmox
    let desired = self.desired
    try await set(Fixture.rules, proxmox, desired)
    let observed = await proxmox.observe(.everything, desired: desired)
    let guest = try #require(observed.guests.value?[1001])
    var live = try #require(observed.firewalls[1001]?.value)
    let api = try await proxmox.api(desired.access, timeout: .seconds(10))
    live.rulesDigest = String(repeating: "0", count: 40)
    await fails(.conflict, api, .write(.delete(0), 1001, guest, seen: live))
    live.rulesDigest = nil
    live.rules += Fixture.rules
    await fails(.conflict, api, .write(.delete(5), 1001, guest, seen: live))
    live.optionsDigest = String(repeating: "0", count: 40)
    await fails(
      .conflict, api,
      .write(.options(isEnabled: nil, policyIn: .accept, policyOut: nil), 1001, guest, seen: live))
    await fails(
      .permanent, api,
      .write(.insert(Proxmox.Rule("in", "ACCEPT", "tcp", ports: "nonsense")), 1001, guest, seen: live))
    let unseen = await proxmox.observe(.only([ResourceID(.proxmox, "firewall", "4711")]), desired: desired)
    #expect(unseen.firewalls[4711] == .absent)
  }

  private func fails(
    _ persistence: Failure.Persistence, _ api: Proxmox.API, _ request: Proxmox.API.Request
  ) async {
    let failure = await #expect(throws: Failure.self) { _ = try await api.data(request) }
    #expect(failure?.persistence == persistence, "\(String(describing: failure))")
  }

  /// Makes the list these rules without any care for what happens meanwhile.
  private func set(_ rules: [Proxmox.Rule], _ proxmox: Proxmox, _ desired: Proxmox.Desired) async throws {
    let observed = await proxmox.observe(.everything, desired: desired)
    let guest = try #require(observed.guests.value?[1001], "\(Proxmox.health(of: observed))")
    var live = try #require(observed.firewalls[1001]?.value)
    let api = try await proxmox.api(desired.access, timeout: .seconds(10))
    live.rulesDigest = nil
    for index in live.rules.indices.reversed() {
      _ = try await api.data(.write(.delete(index), 1001, guest, seen: live))
    }
    for rule in rules.reversed() { _ = try await api.data(.write(.insert(rule), 1001, guest, seen: live)) }
  }
}
