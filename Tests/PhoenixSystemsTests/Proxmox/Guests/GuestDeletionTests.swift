import PhoenixCore
import PhoenixHost
import Testing

@testable import PhoenixSystems

@Suite("A guest that is deleted", .timeLimit(.minutes(1)))
struct GuestDeletionTests {
  typealias Kind = Proxmox.GuestKind
  static let kinds: [Kind] = [.container, .machine]
  private static let (vmid, template) = (100, 900)

  private struct World {
    let fake: FakeProxmox
    let directory: TemporaryDirectory
    let desired: Proxmox.Desired
    let resource: ResourceID

    init(_ kind: Kind, _ changed: [String: String?] = [:]) throws {
      fake = try FakeProxmox()
      directory = try TemporaryDirectory()
      var guest = GuestFixtures.desired(kind)
      guest.source = template
      var live = GuestFixtures.right(guest, vmid: vmid)
      for (key, value) in changed { live.current[key] = value }
      fake.add(vmid, SimulatedGuest(kind, live))
      desired = GuestFixtures.desired(guest, vmid, access: fake.access)
      resource = Proxmox.guestResource(vmid, kind)
    }

    /// As after a start of phoenixd: nothing is known but what is on disk.
    var system: Proxmox { fake.system(stateDirectory: directory.path) }

    func look() async -> Proxmox.Observed { await system.observe(.everything, desired: desired) }

    func changes() async -> [Change] {
      Proxmox.diff(desired: desired, observed: await look(), facts: Facts(), now: WallTime(seconds: 0))
    }

    func request(_ wish: Wish) async throws(Failure) {
      try await system.request(wish, for: resource, observed: await look())
    }

    func apply(_ change: Change) async throws(Failure) {
      try await system.apply(change, desired: desired, observed: await look(), facts: Facts())
    }
  }

  @Test(
    "Its disks are told, it is stopped and removed, and not made anew until somebody says so",
    arguments: kinds)
  func delete(kind: Kind) async throws {
    let disk = kind == .container ? "rootfs" : "scsi0"
    let world = try World(
      kind, ["memory": "512", kind == .container ? "mp0" : "unused0": "rpool:more,size=1G"])
    #expect(await world.changes().map(\.kind) == [.update])
    try await world.request(.delete)
    let changes = await world.changes()
    let change = try #require(changes.first)
    #expect(changes.count == 1 && change.kind == .delete && change.risk == .destructive && change.hold == nil)
    #expect(change.fields.contains { $0.field == disk } && change.fields.contains { $0.field.hasSuffix("0") })
    #expect(change.fields.allSatisfy { $0.to == nil })
    #expect(world.fake.writes.isEmpty)

    try await world.apply(change)
    #expect(world.fake.writes.map { $0.split(separator: "/").last ?? "" } == ["shutdown", "100"])
    #expect(world.fake.guest(Self.vmid) == nil)
    #expect(await world.changes().isEmpty)
    guard
      case .notReady(let reason) = Proxmox.ready(
        world.resource, desired: world.desired, observed: await world.look())
    else {
      Issue.record("ready")
      return
    }
    #expect(reason.contains("`phoenix create 100` makes it anew"))

    try await world.request(.start)
    #expect(await world.changes().map(\.kind) == [.create, .update])
  }

  @Test("A protected guest is held, and says how it goes or stays")
  func protected() async throws {
    let world = try World(.container, ["protection": "1"])
    try await world.request(.delete)
    let hold = try #require(await world.changes().first?.hold)
    #expect(hold.contains("protected") && hold.contains("phoenix start 100"))
  }

  @Test("A wish that is taken back leaves what was wanted before")
  func takenBack() async throws {
    let world = try World(.container)
    try await world.request(.stop)
    for wish in [Wish.delete, .delete, .keep, .keep] { try await world.request(wish) }
    #expect(await world.look().wishes.value?[Self.vmid] == .stopped)
    #expect(await world.changes().map(\.resource) == [Proxmox.powerResource(Self.vmid)])
  }

  @Test("Whoever changed his mind is heard until the last moment; less than the word for it deletes nothing")
  func withdrawn() async throws {
    let world = try World(.container)
    try await world.request(.delete)
    var change = try #require(await world.changes().first)
    change.risk = .disruptive
    try await world.apply(change)
    #expect(world.fake.guest(Self.vmid) != nil)
    change.risk = .destructive
    try await world.request(.start)
    try await world.apply(change)
    #expect(world.fake.guest(Self.vmid) != nil && world.fake.writes.isEmpty)
  }
}
