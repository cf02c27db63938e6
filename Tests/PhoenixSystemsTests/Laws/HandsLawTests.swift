import PhoenixCore
import PhoenixHost
import Testing

@testable import PhoenixSystems

/// What must hold for the hands of every system, on the real scripts and programs where there are any.
@Suite("Laws of all systems' hands", .timeLimit(.minutes(5)))
struct HandsLawTests {
  @Test(
    "What is carried out is no longer wanted; twice is as good as once; then nothing is written",
    arguments: LawfulSystems.all, 0..<4 as Range<UInt64>)
  func applied(system: any LawfulSystem, seed: UInt64) async throws {
    func check<System: LawfulSystem>(_ system: System) async throws {
      var generator = SeededGenerator(seed: seed)
      try await Self.settle(try await system.spoiled(&generator), isOnlyLookedAt: system.isOnlyLookedAt)
    }
    try await check(system)
  }

  private static func settle<World: LawWorld>(_ world: World, isOnlyLookedAt: Bool) async throws {
    let (system, desired) = (world.system, world.desired)
    func wanted(_ observed: World.Model.Observed) async -> [Change] {
      World.Model.diff(desired: desired, observed: observed, facts: await world.facts(), now: world.now)
    }
    var observed = await system.observe(.everything, desired: desired)
    var changes = await wanted(observed)
    #expect(changes.isEmpty == isOnlyLookedAt)
    // What one brings about, such as a guest that must start again, is another one.
    var queue = changes
    while let planned = queue.first {
      queue.removeFirst()
      let scope = ObservationScope.only([planned.resource])
      func look() async -> Change? {
        let part = await system.observe(scope, desired: desired)
        observed = World.Model.merge(part, into: observed, scope: scope)
        return await wanted(observed).first { $0.resource == planned.resource }
      }
      // As the engine does: an action before it may have brought it about.
      guard let change = await look() else { continue }
      #expect(change.hold == nil)
      try await system.apply(change, desired: desired, observed: observed, facts: world.facts())
      #expect(await eventually { await look() == nil }, "\(change.resource) is still wanted")
      let content = try world.content()
      try await system.apply(change, desired: desired, observed: observed, facts: world.facts())
      #expect(try world.content() == content)
      #expect(await eventually { await look() == nil }, "\(change.resource) is wanted again")
      let known = Set(changes.map(\.resource))
      let others = await wanted(observed).filter { !known.contains($0.resource) }
      changes += others
      queue += others
    }
    if isOnlyLookedAt {
      let change = Change(ResourceID(World.Model.name, "anything", "at all"), .update, reason: "test")
      await #expect(throws: Failure.self) {
        try await system.apply(change, desired: desired, observed: observed, facts: world.facts())
      }
    }
    // What was restarted last, as Traefik is for its static file, may need a moment to serve again.
    #expect(await eventually { await wanted(await system.observe(.everything, desired: desired)) == [] })
    let marks = try world.marks()
    for _ in 0..<2 {
      let later = await system.observe(.everything, desired: desired)
      #expect(await wanted(later) == [])
    }
    #expect(try world.marks() == marks)
  }
}
