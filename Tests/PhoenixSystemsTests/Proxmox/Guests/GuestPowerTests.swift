import PhoenixCore
import PhoenixHost
import Testing

@testable import PhoenixSystems

@Suite("A guest that is started, stopped and started anew", .timeLimit(.minutes(1)))
struct GuestPowerTests {
  private static let vmid = 100
  private static let power = Proxmox.powerResource(vmid)

  private struct World {
    let fake: FakeProxmox
    let directory: TemporaryDirectory
    let desired: Proxmox.Desired

    init(status: String = "running", _ changed: [String: String?] = [:]) throws {
      fake = try FakeProxmox()
      directory = try TemporaryDirectory()
      let guest = GuestFixtures.desired(.machine)
      var live = GuestFixtures.right(guest, vmid: vmid)
      for (key, value) in changed { live.current[key] = value }
      fake.add(vmid, SimulatedGuest(.machine, live, status: status))
      desired = GuestFixtures.desired(guest, vmid, access: fake.access)
    }

    /// As after a start of phoenixd: nothing is known but what is on disk.
    var system: Proxmox { fake.system(stateDirectory: directory.path) }

    func look() async -> Proxmox.Observed { await system.observe(.everything, desired: desired) }

    func change() async -> Change? {
      Proxmox.diff(desired: desired, observed: await look(), facts: Facts(), now: WallTime(seconds: 0)).first
      {
        $0.resource == power
      }
    }

    func request(_ wish: Wish) async throws(Failure) {
      try await system.request(wish, for: power, observed: await look())
    }

    func apply() async throws(Failure) {
      guard let change = await change() else { return }
      try await system.apply(change, desired: desired, observed: await look(), facts: Facts())
    }

    var status: String? { fake.guest(vmid)?.status }
    var ready: Readiness {
      get async { Proxmox.ready(power, desired: desired, observed: await look()) }
    }
  }

  @Test("Stopped by a word it stays so, over a restart of phoenixd, until another word")
  func stop() async throws {
    let world = try World()
    try await world.request(.stop)
    let change = try #require(await world.change())
    #expect(
      change.risk == .disruptive && change.isSelfContained && change.reason.contains("phoenix stop 100"))
    try await world.apply()
    #expect(world.status == "stopped")
    #expect(await world.change() == nil)
    guard case .notReady(let reason) = await world.ready else {
      Issue.record("ready")
      return
    }
    #expect(reason.contains("`phoenix start 100` ends that"))
    let writes = world.fake.writes.count
    try await world.apply()
    #expect(world.fake.writes.count == writes)

    try await world.request(.start)
    #expect(await world.change()?.risk == .safe)
    try await world.apply()
    #expect(world.status == "running" && world.fake.guest(Self.vmid)?.uptime == 0)
    #expect(await world.change() == nil)
    #expect(await world.ready == .ready)
  }

  @Test("Started anew once, and with that what waited is taken up")
  func restart() async throws {
    let world = try World()
    world.fake.with { try? $0.configurations[Self.vmid]?.write(["memory": "512"], digest: nil) }
    try await world.request(.restart)
    #expect(await world.change()?.fields.map(\.to) == [.text("restarted")])
    try await world.apply()
    #expect(world.fake.guest(Self.vmid)?.configuration.pending.isEmpty == true)
    #expect(await world.change() == nil)
    #expect(world.fake.writes.count { $0.hasSuffix("/reboot") } == 1)
  }

  @Test("A restart that a killed phoenixd has seen through is not done again")
  func restartedAlready() async throws {
    let world = try World()
    try await world.request(.restart)
    try await Task.sleep(for: .seconds(1.1))
    world.fake.with { try? $0.configurations[Self.vmid]?.reboot() }
    #expect(await world.change() != nil)
    try await world.apply()
    #expect(world.fake.writes.isEmpty)
    #expect(await world.change() == nil)
  }

  @Test("A stopped guest that is to start anew is started")
  func restartOfAStopped() async throws {
    let world = try World(status: "stopped")
    try await world.request(.restart)
    try await world.apply()
    #expect(world.status == "running")
    #expect(await world.change() == nil)
  }

  @Test(
    "Other wishes, and wishes for other things, are refused", arguments: ["renew", "firewall", "cluster"])
  func refused(what: String) async throws {
    let world = try World()
    let resource =
      switch what {
      case "renew": Self.power
      case "firewall": Proxmox.firewallResource(Self.vmid)
      default: Proxmox.datacenterResource
      }
    await #expect(throws: Failure.self) {
      try await world.system.request(
        what == "renew" ? .renew : .stop, for: resource, observed: await world.look())
    }
    #expect(await world.change() == nil)
  }

  @Test("What an operator wanted is not forgotten by a damaged file, and his next word mends it")
  func damaged() async throws {
    let world = try World(status: "stopped")
    try await world.request(.stop)
    #expect(await world.change() == nil)
    try world.directory.write("garbage", to: "proxmox/wishes")
    #expect(await world.look().wishes.unreadableReason != nil)
    #expect(await world.change() == nil)
    try await world.request(.start)
    #expect(await world.change() != nil)
  }

  @Test("What a restart does not put in force is told, and restarted no more")
  func stubborn() async throws {
    let world = try World()
    world.fake.with {
      $0.configurations[Self.vmid]?.wait("memory", "2048", insteadOf: "512")
      $0.configurations[Self.vmid]?.isStubborn = true
    }
    #expect(await world.change()?.risk == .disruptive)
    let failure = await #expect(throws: Failure.self) { try await world.apply() }
    #expect(failure?.persistence == .permanent && failure?.got == "memory_mb still wait")
  }

  @Test("A guest that is still being made is left alone")
  func unfinished() async throws {
    let world = try World(status: "stopped", ["lock": "create", "memory": "64"])
    #expect(await world.change() == nil)
    let observed = await world.look()
    #expect(Proxmox.identities(of: observed).isEmpty)
    #expect(
      Proxmox.ready(Proxmox.guestResource(Self.vmid, .machine), desired: world.desired, observed: observed)
        != .ready)
  }

  @Test("While it is not known what is wanted, nothing is started or stopped")
  func unreadable() async throws {
    let world = try World(status: "stopped")
    try world.directory.make("proxmox")
    try world.directory.make("proxmox/wishes")
    #expect(await world.look().wishes.unreadableReason != nil)
    #expect(await world.change() == nil)
    await #expect(throws: Failure.self) { try await world.request(.stop) }
  }
}
