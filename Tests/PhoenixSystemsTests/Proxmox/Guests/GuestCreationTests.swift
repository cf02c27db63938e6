import PhoenixCore
import PhoenixHost
import Testing

@testable import PhoenixSystems

@Suite("A guest that is cloned", .timeLimit(.minutes(1)))
struct GuestCreationTests {
  typealias Kind = Proxmox.GuestKind
  static let kinds: [Kind] = [.container, .machine]
  private static let (vmid, template) = (100, 900)

  /// A template, and a guest that is to be cloned from it.
  private struct World {
    let fake: FakeProxmox
    let directory: TemporaryDirectory
    var desired: Proxmox.Desired
    let resource: ResourceID

    init(_ kind: Kind, storage: String = "rpool") throws {
      fake = try FakeProxmox()
      directory = try TemporaryDirectory()
      var source = GuestFixtures.desired(kind)
      (source.name, source.isTemplate, source.diskSize) = ("base", true, 8)
      source.networks[0].mac = "BC:24:11:00:09:00"
      fake.add(
        template, SimulatedGuest(kind, GuestFixtures.right(source, vmid: template), status: "stopped"))
      var guest = GuestFixtures.desired(kind)
      guest.source = template
      guest.storage = storage
      desired = GuestFixtures.desired(guest, vmid, access: fake.access)
      resource = Proxmox.guestResource(vmid, kind)
    }

    /// As after a start of phoenixd: nothing is known but what is on disk.
    var system: Proxmox { fake.system(stateDirectory: directory.path) }

    func changes() async -> [Change] {
      let observed = await system.observe(.everything, desired: desired)
      return Proxmox.diff(desired: desired, observed: observed, facts: Facts(), now: WallTime(seconds: 0))
    }

    func apply(_ change: Change) async throws(Failure) {
      let observed = await system.observe(.everything, desired: desired)
      try await system.apply(change, desired: desired, observed: observed, facts: Facts())
    }

    func create() async throws(Failure) {
      guard let change = await changes().first(where: { $0.resource == resource }) else { return }
      try await apply(change)
    }

    var clones: Int { fake.writes.count { $0.hasSuffix("/clone") } }
  }

  @Test("From a template to a guest that runs, as the files say; then nothing is wanted", arguments: kinds)
  func fromTemplate(kind: Kind) async throws {
    let world = try World(kind)
    let changes = await world.changes()
    #expect(changes.map(\.resource) == [world.resource, Proxmox.powerResource(Self.vmid)])
    #expect(changes.map(\.kind) == [.create, .update] && changes.allSatisfy { $0.risk == .safe })
    let fields = Dictionary(changes[0].fields.map { ($0.field, $0.to) }) { first, _ in first }
    #expect(fields["clone_from"] == .number(Self.template) && fields["memory_mb"] == .number(2048))
    #expect(fields["network_config.ip"] == .text("10.0.0.10/24") && fields["tags"] == .list(["phoenix"]))

    try await world.create()
    let left = await world.changes()
    #expect(left == [changes[1]], "what was planned for after it is what is left")
    try await world.apply(left[0])
    #expect(await world.changes().isEmpty)
    let guest = try #require(world.fake.guest(Self.vmid))
    #expect(guest.status == "running")
    #expect(guest.configuration.parts("net0").text.contains("BC:24:11:00:01:03"))
    #expect(world.clones == 1)
    // What the template had besides stays.
    #expect(guest.configuration["ostype"] != nil)
    let writes = world.fake.writes.count
    #expect(await world.changes().isEmpty)
    #expect(world.fake.writes.count == writes)
  }

  @Test("A disk is shared with a template on the same storage, where that can be", arguments: kinds)
  func linked(kind: Kind) async throws {
    for (storage, canLink, isFull, count) in [
      ("rpool", true, "0", 1), ("other", true, "1", 1), ("rpool", false, "1", 2),
    ] {
      let world = try World(kind, storage: storage)
      world.fake.with { $0.canLink = canLink }
      try await world.create()
      let requests = world.fake.with { $0.cloneForms }
      #expect(requests.count == count && requests.last?["full"] == isFull, "\(storage) \(canLink)")
      #expect((requests.last?["storage"] != nil) == (isFull == "1"))
      #expect(world.fake.guest(Self.vmid) != nil)
    }
  }

  @Test("When the answer is lost, the task is looked for, and never begun twice", arguments: kinds)
  func lostAnswer(kind: Kind) async throws {
    let world = try World(kind)
    world.fake.with {
      $0.losesAnswers = true
      $0.taskRounds = 3
    }
    let failure = await #expect(throws: Failure.self) { try await world.create() }
    #expect(failure?.persistence == .transient)
    #expect(world.fake.guest(Self.vmid) == nil)
    try await world.create()
    #expect(world.fake.guest(Self.vmid) != nil && world.clones == 1)
    #expect(await world.changes().map(\.resource) == [Proxmox.powerResource(Self.vmid)])
  }

  @Test("What a killed phoenixd has begun is waited for by the next one", arguments: kinds)
  func killed(kind: Kind) async throws {
    let world = try World(kind)
    world.fake.with { $0.exit = "running" }
    let first = Task { do throws(Failure) { try await world.create() } catch {} }
    #expect(
      await eventually {
        world.fake.with { !$0.tasks.isEmpty }
          && (try? world.directory.text("proxmox/tasks"))?.contains("UPID") == true
      })
    try await Task.sleep(for: .milliseconds(100))
    first.cancel()
    await first.value
    world.fake.with { $0.exit = "OK" }
    try await world.create()
    #expect(world.fake.guest(Self.vmid) != nil && world.clones == 1)
  }

  @Test("A task that failed is told, and asked for anew", arguments: kinds)
  func failed(kind: Kind) async throws {
    let world = try World(kind)
    world.fake.with { $0.exit = "clone failed: no space left on device" }
    let failure = await #expect(throws: Failure.self) { try await world.create() }
    #expect(failure?.got.contains("no space left on device") == true)
    #expect(failure?.doing == "clone guest 900 to 100")
    #expect(world.fake.guest(Self.vmid) == nil)
    world.fake.with { $0.exit = "WARNINGS: 1" }
    try await world.create()
    #expect(world.fake.guest(Self.vmid) != nil && world.clones == 2)
  }

  @Test(
    "What is refused leaves nothing behind; what was cloned half-way is finished by a later write",
    arguments: kinds)
  func refused(kind: Kind) async throws {
    let world = try World(kind)
    world.fake.with {
      $0.fault = { request in
        request.path.hasSuffix("/clone")
          ? .json(403, #"{"data":null,"message":"Permission check failed"}"#) : nil
      }
    }
    let failure = await #expect(throws: Failure.self) { try await world.create() }
    #expect(failure?.persistence == .permanent && failure?.hint?.contains("VM.Clone on /vms/900") == true)

    world.fake.with {
      $0.fault = { request in
        request.method == "PUT" ? .json(500, #"{"data":null,"message":"CT is locked (create)"}"#) : nil
      }
    }
    let locked = await #expect(throws: Failure.self) { try await world.create() }
    #expect(locked?.persistence == .conflict)
    world.fake.with { $0.fault = { _ in nil } }
    let update = try #require(await world.changes().first { $0.resource == world.resource })
    #expect(update.kind == .update && update.risk == .safe)
    try await world.apply(update)
    #expect(await world.changes().map(\.resource) == [Proxmox.powerResource(Self.vmid)])
    #expect(world.clones == 2)
  }

  @Test("Without a state directory nothing is begun")
  func noState() async throws {
    let world = try World(.container)
    let system = world.fake.system(stateDirectory: "/proc")
    let change = try #require(await world.changes().first)
    await #expect(throws: Failure.self) {
      try await system.apply(
        change, desired: world.desired, observed: await system.observe(.everything, desired: world.desired),
        facts: Facts())
    }
    #expect(world.clones == 0)
  }

  @Test("A guest that was there before and is gone is not made anew without a word", arguments: kinds)
  func vanished(kind: Kind) async throws {
    let world = try World(kind)
    try await world.create()
    let observed = await world.system.observe(.everything, desired: world.desired)
    let identity = try #require(Proxmox.identities(of: observed)[world.resource])
    #expect(identity.contains("BC:24:11:00:01:03"))
    var input = PlannerInput(now: Moment(wall: WallTime(seconds: 0), boot: BootTime(milliseconds: 0)))
    input.memory.identities[world.resource] = identity
    world.fake.with {
      $0.guests[Self.vmid] = nil
      $0.configurations[Self.vmid] = nil
    }
    input.changes = await world.changes()
    input.health[.proxmox] = .readable
    let plan = Planner.plan(input)
    #expect(plan.held.first { $0.change.resource == world.resource }?.cause == .vanished)
    #expect(!plan.actions.contains { $0.resource == world.resource })
  }

  @Test("Templates, and guests that are cloned from none, are told and not made")
  func others() async throws {
    var world = try World(.container)
    for change: (inout Proxmox.DesiredGuest) -> Void in [{ $0.source = nil }, { $0.isTemplate = true }] {
      if var guest = world.desired.guests[Self.vmid] {
        change(&guest)
        world.desired.guests[Self.vmid] = guest
      }
      #expect(await world.changes().isEmpty)
      let observed = await world.system.observe(.everything, desired: world.desired)
      let findings = Proxmox.findings(desired: world.desired, observed: observed)
      #expect(findings.contains { $0.message.contains("does not exist, and Phoenix makes only clones") })
    }
  }
}
