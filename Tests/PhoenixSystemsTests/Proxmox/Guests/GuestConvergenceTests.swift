import PhoenixCore
import Testing

@testable import PhoenixSystems

@Suite("A guest's configuration and power, set right", .timeLimit(.minutes(1)))
struct GuestConvergenceTests {
  typealias Kind = Proxmox.GuestKind
  static let kinds: [Kind] = [.container, .machine]
  private static let vmid = 100

  /// One guest in a Proxmox, with some keys changed.
  private struct World {
    let fake: FakeProxmox
    let system: Proxmox
    var desired: Proxmox.Desired

    init(_ kind: Kind, status: String = "running", _ changed: [String: String?] = [:]) throws {
      fake = try FakeProxmox()
      system = fake.system()
      let guest = GuestFixtures.desired(kind)
      var live = GuestFixtures.right(guest, vmid: vmid)
      for (key, value) in changed { live.current[key] = value }
      fake.add(vmid, SimulatedGuest(kind, live, status: status))
      desired = GuestFixtures.desired(guest, vmid, access: fake.access)
    }

    func look() async -> Proxmox.Observed { await system.observe(.everything, desired: desired) }

    func changes() async -> [Change] {
      Proxmox.diff(desired: desired, observed: await look(), facts: Facts(), now: WallTime(seconds: 0))
    }

    /// Carries out what differs, one after another.
    @discardableResult
    func pass(_ allowed: Set<Risk> = [.safe]) async throws(Failure) -> [Change] {
      let changes = await changes().filter { allowed.contains($0.risk) }
      for change in changes {
        try await system.apply(change, desired: desired, observed: await look(), facts: Facts())
      }
      return changes
    }
  }

  @Test("What differs is written with the digest, in one request; then nothing is", arguments: kinds)
  func writes(kind: Kind) async throws {
    let world = try World(kind, ["memory": "512", "startup": "order=9", "onboot": nil])
    let change = try #require(try await world.pass().first)
    #expect(change.resource == Proxmox.guestResource(Self.vmid, kind))
    #expect(Set(change.fields.map(\.field)) == ["memory_mb", "boot_order", "boot_delay", "start_at_boot"])
    #expect(world.fake.writes.count == 1)
    #expect(world.fake.guest(Self.vmid)?.configuration.stored["startup"] == "order=4,up=10")
    // A machine takes memory up when it starts again: that is another change, and not a safe one.
    #expect(try await world.pass().isEmpty)
    #expect(world.fake.writes.count == 1)
  }

  @Test("What a running machine does not take up waits for a restart, and only that is left")
  func restart() async throws {
    let world = try World(.machine, ["memory": "512", "cores": "1"])
    #expect(try await world.pass().first?.fields.map(\.pendingRestart) == [true, true])
    let change = try #require(await world.changes().first)
    #expect(change.resource == Proxmox.powerResource(Self.vmid) && change.risk == .disruptive)
    #expect(change.fields.map(\.field).sorted() == ["cores", "memory_mb"])
    #expect(change.fields.allSatisfy { $0.pendingRestart })
    #expect(change.fields.first { $0.field == "memory_mb" }?.from == .number(512))
    let observed = await world.look()
    for resource in [change.resource, Proxmox.guestResource(Self.vmid, .machine)] {
      #expect(Proxmox.ready(resource, desired: world.desired, observed: observed) == .ready)
    }
    try await world.pass([.safe, .disruptive])
    #expect(await world.changes().isEmpty)
    #expect(world.fake.writes.map { $0.split(separator: "/").last ?? "" } == ["config", "reboot"])
  }

  @Test("What others let wait is none of ours", arguments: kinds)
  func foreignPending(kind: Kind) async throws {
    let world = try World(kind)
    world.fake.with {
      try? $0.configurations[Self.vmid]?.write(["features": "nesting=1,fuse=1", "scsi9": "x"], digest: nil)
    }
    #expect(await world.changes().isEmpty)
  }

  @Test("A guest that stopped is started; a template, a paused and a vanished one are not", arguments: kinds)
  func power(kind: Kind) async throws {
    var world = try World(kind, status: "stopped")
    let observed = await world.look()
    let power = Proxmox.powerResource(Self.vmid)
    #expect(Proxmox.ready(power, desired: world.desired, observed: observed) != .ready)
    #expect(try await world.pass().map(\.resource) == [power])
    #expect(world.fake.guest(Self.vmid)?.status == "running")
    #expect(await world.changes().isEmpty)

    world = try World(kind, status: "stopped", ["template": "1"])
    world.desired.guests[Self.vmid]?.isTemplate = true
    #expect(await world.changes().isEmpty)
    world = try World(kind, status: "paused")
    #expect(await world.changes().isEmpty)
    #expect(
      Proxmox.findings(desired: world.desired, observed: await world.look()).contains {
        $0.message.contains("it is paused")
      })
    world = try World(kind, status: "stopped")
    world.fake.with { $0.guests = [:] }
    #expect(await world.changes().isEmpty)
  }

  @Test("A disk grows by a task, and is never asked to shrink", arguments: kinds)
  func disk(kind: Kind) async throws {
    let key = kind == .container ? "rootfs" : "scsi0"
    let world = try World(kind, [key: "rpool:disk,size=8G"])
    world.fake.with { $0.taskRounds = 2 }
    try await world.pass()
    #expect(world.fake.guest(Self.vmid)?.configuration[key]?.contains("size=32G") == true)
    #expect(await world.changes().isEmpty)
    let smaller = try World(kind, [key: "rpool:disk,size=64G"])
    #expect(await smaller.changes().isEmpty)
  }

  @Test("A word that was given for less is not taken for more")
  func risk() async throws {
    let world = try World(.container, ["memory": "1024"])
    let change = try #require(await world.changes().first)
    #expect(change.risk == .safe)
    // Meanwhile somebody moved it to another bridge.
    world.fake.with {
      try? $0.configurations[Self.vmid]?.write(
        ["net0": "name=eth0,bridge=vmbr9,firewall=1,gw=10.0.0.1,hwaddr=BC:24:11:00:01:03,ip=10.0.0.10/24"],
        digest: nil)
    }
    let failure = await #expect(throws: Failure.self) {
      try await world.system.apply(
        change, desired: world.desired, observed: await world.look(), facts: Facts())
    }
    #expect(failure?.persistence == .conflict)
    #expect(world.fake.writes.isEmpty)
  }

  @Test(
    "How a task ends decides",
    arguments: [
      ("OK", nil), ("WARNINGS: 2", nil), ("unexpected status", .transient), ("got no worker", .transient),
      ("can't lock file '/var/lock/qemu-server/lock-100.conf' - got timeout", .conflict),
      ("CT is locked (backup)", .conflict),
    ] as [(String, Failure.Persistence?)])
  func task(exit: String, persistence: Failure.Persistence?) async throws {
    let world = try World(.container, status: "stopped")
    world.fake.with {
      $0.exit = exit
      $0.taskRounds = 1
    }
    var failure: Failure?
    do throws(Failure) { try await world.pass() } catch { failure = error }
    #expect(failure?.persistence == persistence)
    if let failure { #expect(failure.got.contains(exit) && failure.doing == "start guest 100") }
    #expect((world.fake.guest(Self.vmid)?.status == "running") == (persistence == nil))
  }

  @Test(
    "What Proxmox refuses, and why",
    arguments: [
      (
        403, "Permission check failed (/vms/100, VM.Config.Memory)", Failure.Persistence.permanent,
        "privilege"
      ),
      (500, "CT is locked (snapshot)", .conflict, "tried again"),
      (500, "detected modified configuration - file changed by other user? Try again.", .conflict, nil),
      (400, "Parameter verification failed.", .permanent, nil), (503, "", .transient, nil),
    ] as [(Int, String, Failure.Persistence, String?)])
  func refusal(status: Int, message: String, persistence: Failure.Persistence, hint: String?) async throws {
    let world = try World(.container, ["memory": "512"])
    world.fake.with {
      $0.fault = { request in
        request.method == "PUT" ? .json(status, #"{"data":null,"message":"\#(message)\n"}"#) : nil
      }
    }
    let failure = await #expect(throws: Failure.self) { try await world.pass() }
    #expect(failure?.persistence == persistence)
    #expect(failure?.doing == "set memory of guest 100")
    if let hint { #expect(failure?.hint?.contains(hint) == true) }
  }

  @Test("A task that nobody knows, or that has no end, is waited for no longer than allowed")
  func endless() async throws {
    let world = try World(.container, status: "stopped")
    world.fake.with { $0.exit = "running" }
    let waiting = Task { () -> Failure? in
      do throws(Failure) { try await world.pass() } catch { return error }
      return nil
    }
    try await Task.sleep(for: .milliseconds(300))
    waiting.cancel()
    #expect(await waiting.value?.persistence == .transient)
  }
}
