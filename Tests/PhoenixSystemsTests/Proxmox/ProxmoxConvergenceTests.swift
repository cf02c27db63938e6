import PhoenixCore
import Synchronization
import Testing

@testable import PhoenixSystems

@Suite("Looking at firewalls over HTTP, and setting them right")
struct ProxmoxConvergenceTests {
  static let starts: [(String, Proxmox.LiveFirewall)] = [
    ("in sync", Fixture.live()),
    ("empty", Fixture.live([], options: .init(isEnabled: false, policyIn: nil, policyOut: nil))),
    ("strays", Fixture.live([Fixture.open2375] + Fixture.rules + [Proxmox.Rule("in", "ACCEPT")])),
    ("unrelated", Fixture.live([Proxmox.Rule("in", "ACCEPT"), Proxmox.Rule("out", "DROP", "udp")])),
    ("reversed", Fixture.live(Fixture.rules.reversed())),
    ("policies", Fixture.live(options: .init(isEnabled: true, policyIn: .accept, policyOut: .reject))),
  ]

  @Test("After apply the diff is empty, and then nothing is written any more", arguments: starts)
  func applyThenEmpty(name: String, start: Proxmox.LiveFirewall) async throws {
    let fake = try FakeProxmox()
    fake.add(1001, start)
    let proxmox = fake.system()
    let desired = Fixture.desired(access: fake.access)
    let before = await proxmox.observe(.everything, desired: desired)
    for change in Proxmox.diff(desired: desired, observed: before, facts: Facts(), now: WallTime(seconds: 0))
    {
      try await proxmox.apply(change, desired: desired, observed: before, facts: Facts())
    }
    let after = await proxmox.observe(.only([Fixture.resource]), desired: desired)
    let rest = Proxmox.diff(desired: desired, observed: after, facts: Facts(), now: WallTime(seconds: 0))
    #expect(rest.isEmpty)
    #expect(fake.live(1001)?.rules.map(\.match) == Fixture.rules.map(\.match))
    let writes = fake.writes.count
    #expect((writes == 0) == (name == "in sync"))
    let change = Change(Fixture.resource, .update, reason: "again")
    try await proxmox.apply(change, desired: desired, observed: after, facts: Facts())
    #expect(fake.writes.count == writes)
  }

  @Test("Only what is stray is removed, in one write each")
  func straysOnly() async throws {
    let fake = try FakeProxmox()
    fake.add(
      1001, Fixture.live([Fixture.open2375, Fixture.web, Proxmox.Rule("in", "DROP")] + Fixture.rules[1...]))
    try await apply(fake)
    #expect(
      fake.writes == ["DELETE /api2/json/nodes/pve1/qemu/1001/firewall/rules/0"]
        + ["DELETE /api2/json/nodes/pve1/qemu/1001/firewall/rules/1"])
  }

  @Test("A look asks two things and three a guest, and never writes")
  func requestsOfALook() async throws {
    let fake = try FakeProxmox()
    var desired = Fixture.desired(access: fake.access)
    for vmid in 1001...1020 {
      fake.add(vmid, Fixture.live())
      desired.firewalls[vmid] = Fixture.firewall()
    }
    let observed = await fake.system().observe(.everything, desired: desired)
    #expect(Proxmox.health(of: observed) == .readable)
    #expect(
      Proxmox.diff(desired: desired, observed: observed, facts: Facts(), now: WallTime(seconds: 0)).isEmpty)
    #expect(fake.server.requests.count == 2 + 3 * 20)
    #expect(fake.writes.isEmpty)
    #expect(Proxmox.facts(of: observed)[FactKey("guest.status", of: "1007")] == .known(.text("running")))
    #expect(observed.unfilteredInterfaces(of: 1001) == ["net1"])
  }

  @Test("Security groups are read where they may open 2375")
  func groups() async throws {
    let fake = try FakeProxmox()
    fake.add(1001, Fixture.live([Proxmox.Rule("group", "open")]))
    fake.with { $0.groups["open"] = [Fixture.open2375] }
    let desired = Fixture.desired(Fixture.unmanaged, access: fake.access)
    let proxmox = fake.system()
    let observed = await proxmox.observe(.everything, desired: desired)
    let change = try #require(
      Proxmox.diff(desired: desired, observed: observed, facts: Facts(), now: WallTime(seconds: 0)).first)
    try await proxmox.apply(change, desired: desired, observed: observed, facts: Facts())
    #expect(
      fake.live(1001)?.rules.map(\.match) == [
        Proxmox.Rule.dockerShield.match, Proxmox.Rule("group", "open").match,
      ])
  }

  @Test("A guest that the list leaves out is absent only when its number is free")
  func absence() async throws {
    let fake = try FakeProxmox()
    let proxmox = fake.system()
    let desired = Fixture.desired(access: fake.access)
    let gone = await proxmox.observe(.everything, desired: desired)
    #expect(gone.firewalls[1001] == .absent)
    #expect(
      Proxmox.ready(Fixture.resource, desired: desired, observed: gone)
        == .notReady("guest 1001 does not exist"))
    fake.with { _ = $0.hidden.insert(1001) }
    let hidden = await proxmox.observe(.everything, desired: desired)
    #expect(hidden.firewalls[1001]?.unreadableReason?.contains("VM.Audit on /vms/1001") == true)
    fake.with { _ = $0.hidden.remove(1001) }
    fake.add(1001, kind: .container, Fixture.live())
    let other = await proxmox.observe(.everything, desired: desired)
    #expect(other.firewalls[1001]?.unreadableReason?.contains("another guest") == true)
  }

  @Test("Somebody who writes between each look and write is a conflict, and nothing of theirs is lost")
  func conflict() async throws {
    let fake = try FakeProxmox()
    fake.add(1001, Fixture.live([Fixture.open2375] + Fixture.rules))
    fake.with { $0.intruder = { firewall in firewall.insert(Fixture.web) } }
    let failure = await #expect(throws: Failure.self) { try await apply(fake) }
    #expect(failure?.persistence == .conflict)
    #expect(fake.live(1001)?.rules.count == 4 + 11)
    fake.with { $0.intruder = { _ in } }
    try await apply(fake)
    #expect(fake.live(1001)?.rules.map(\.match) == Fixture.rules.map(\.match))
  }

  @Test("Somebody who is quicker a few times does not keep 2375 open")
  func quicker() async throws {
    let fake = try FakeProxmox()
    fake.add(1001, Fixture.live([Fixture.open2375] + Fixture.rules))
    let writes = Mutex(3)
    fake.with { state in
      state.intruder = { firewall in
        let isHis = writes.withLock { left in
          left -= 1
          return left >= 0
        }
        if isHis { firewall.insert(Fixture.open2375) }
      }
    }
    try await apply(fake)
    #expect(fake.live(1001)?.rules.map(\.match) == Fixture.rules.map(\.match))
  }

  @Test("A rule that Proxmox keeps otherwise than it was written is taken out again, and not tried for ever")
  func mangledRule() async throws {
    let fake = try FakeProxmox()
    fake.add(1001, Fixture.live([Fixture.web, Fixture.docker]))
    fake.with { state in
      state.mangle = { _ in Proxmox.Rule("in", "ACCEPT", "tcp", ports: "23") }
    }
    let failure = await #expect(throws: Failure.self) { try await apply(fake) }
    #expect(failure?.persistence == .permanent)
    #expect(fake.live(1001)?.rules == [Fixture.web, Fixture.docker])
    #expect(fake.writes.map { $0.prefix(4) } == ["POST", "DELE"])
  }

  @Test("A run killed after any write is finished by the next one", arguments: 1...12)
  func killed(afterWrites limit: Int) async throws {
    let fake = try FakeProxmox()
    fake.add(
      1001, Fixture.live([Proxmox.Rule("in", "ACCEPT"), Fixture.open2375, Proxmox.Rule("out", "DROP")]))
    fake.with { $0.fault = Self.dying(after: limit) }
    try? await apply(fake)
    fake.with { $0.fault = { _ in nil } }
    try await apply(fake)
    #expect(fake.live(1001)?.rules.map(\.match) == Fixture.rules.map(\.match))
  }

  /// Carries out some writes, then answers nothing useful any more.
  private static func dying(
    after limit: Int
  ) -> @Sendable (LoopbackServer.Request) -> LoopbackServer.Reply? {
    let counter = WriteCount()
    return { request in
      if request.method != "GET" { counter.add() }
      return counter.count > limit ? .raw("") : nil
    }
  }

  private func apply(_ fake: FakeProxmox) async throws {
    let desired = Fixture.desired(access: fake.access)
    let proxmox = fake.system()
    let observed = await proxmox.observe(.everything, desired: desired)
    let change = Change(Fixture.resource, .update, reason: "test")
    try await proxmox.apply(change, desired: desired, observed: observed, facts: Facts())
  }
}
