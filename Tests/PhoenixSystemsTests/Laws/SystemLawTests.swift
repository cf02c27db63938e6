import FoundationEssentials
import PhoenixCore
import Testing

@testable import PhoenixSystems

/// What must hold for every system, whatever it keeps. These are its decisions; `HandsLawTests` are its acts.
@Suite("Laws of all systems")
struct SystemLawTests {
  static let seeds: Range<UInt64> = 0..<60

  @Test("Every system that the daemon mounts is tried here")
  func complete() {
    func name<System: LawfulSystem>(_ system: System) -> SystemName { System.Model.name }
    #expect(LawfulSystems.all.map { name($0) }.sorted() == LawfulSystems.mounted().sorted())
  }

  @Test("What is right needs nothing, is ready and readable", arguments: LawfulSystems.all)
  func right(system: any LawfulSystem) {
    func check<System: LawfulSystem>(_ system: System) {
      typealias Model = System.Model
      let (compiled, now) = (system.whole, CertificateFixtures.now)
      let (desired, observed) = (compiled.desired, system.right(compiled.desired))
      let facts = Facts(system.facts(desired))
      #expect(Model.diff(desired: desired, observed: observed, facts: facts, now: now).isEmpty)
      #expect(Model.health(of: observed) == .readable)
      #expect(Model.identities(of: observed).keys.allSatisfy { $0.system == Model.name })
      #expect(!compiled.resources.isEmpty)
      for resource in compiled.resources.map(\.id) {
        #expect(Model.ready(resource, desired: desired, observed: observed) == .ready, "\(resource)")
      }
      if let next = Model.nextDeadline(desired: desired, observed: observed, now: now) { #expect(next > now) }
    }
    check(system)
  }

  @Test("What cannot be read is left alone and blocks what needs it", arguments: LawfulSystems.all)
  func unreadable(system: any LawfulSystem) {
    func check<System: LawfulSystem>(_ system: System) {
      typealias Model = System.Model
      let (compiled, now) = (system.whole, CertificateFixtures.now)
      let (desired, observed) = (compiled.desired, system.unreadable(compiled.desired))
      for facts in [Facts(), Facts(system.facts(desired))] {
        #expect(Model.diff(desired: desired, observed: observed, facts: facts, now: now).isEmpty)
      }
      #expect(Model.health(of: observed).isUnreadable)
      for resource in compiled.resources.map(\.id) {
        #expect(
          Model.ready(resource, desired: desired, observed: observed).isUnreadable, "\(resource)")
      }
    }
    check(system)
  }

  @Test(
    "A change is of a declared resource that could be read, and one at most", arguments: LawfulSystems.all)
  func changes(system: any LawfulSystem) {
    func check<System: LawfulSystem>(_ system: System) {
      typealias Model = System.Model
      var count = 0
      for seed in Self.seeds {
        let sample = LawSample(of: system, seed: seed)
        let (changes, verdicts) = (sample.changes(), sample.verdicts(in: sample.observed))
        count += changes.count
        #expect(Set(changes.map(\.resource)).count == changes.count, "seed \(seed)")
        for change in changes {
          #expect(change.resource.system == Model.name, "seed \(seed)")
          // None of them removes strays: what nobody declares is nobody's to delete.
          #expect(sample.resources.contains(change.resource), "seed \(seed): \(change.resource)")
          #expect(change.requires.isEmpty, "seed \(seed): only compile says what is required")
          #expect(!change.fields.isEmpty && !change.reason.isEmpty, "seed \(seed): \(change.resource)")
          #expect(
            verdicts[change.resource]?.readiness.isUnreadable == false,
            "seed \(seed): \(change.resource) could not be read")
        }
      }
      #expect((count == 0) == system.isOnlyLookedAt, "\(count) changes in all samples")
    }
    check(system)
  }

  @Test(
    "The same question has the same answer, in whatever order things were read", arguments: LawfulSystems.all)
  func deterministic(system: any LawfulSystem) {
    func check<System: LawfulSystem>(_ system: System) {
      for seed in Self.seeds {
        let sample = LawSample(of: system, seed: seed)
        let (desired, observed) = (system.reordered(sample.desired), system.reordered(sample.observed))
        #expect(desired == sample.desired && observed == sample.observed)
        #expect(sample.changes() == sample.changes(), "seed \(seed)")
        #expect(sample.changes(desired, observed) == sample.changes(), "seed \(seed)")
        let (first, second) = (sample.observed, observed)
        #expect(System.Model.health(of: first) == System.Model.health(of: second), "seed \(seed)")
        #expect(
          System.Model.findings(desired: sample.desired, observed: first)
            == System.Model.findings(desired: desired, observed: second), "seed \(seed)")
      }
    }
    check(system)
  }

  @Test("Another order of filling is another order of reading")
  func reordering() {
    let numbers = Dictionary(uniqueKeysWithValues: (0..<20).map { ($0, $0) })
    #expect(numbers.reordered == numbers)
    #expect(Array(numbers.reordered.keys) != Array(numbers.keys))
  }

  @Test("States survive being written and read", arguments: LawfulSystems.all)
  func codable(system: any LawfulSystem) throws {
    func check<System: LawfulSystem>(_ system: System) throws {
      for seed in Self.seeds {
        let sample = LawSample(of: system, seed: seed)
        #expect(try Self.coded(sample.desired) == sample.desired, "seed \(seed)")
        #expect(try Self.coded(sample.observed) == sample.observed, "seed \(seed)")
      }
      let desired = system.whole.desired
      for observed in [system.right(desired), system.unreadable(desired)] {
        #expect(try Self.coded(observed) == observed)
      }
    }
    try check(system)
  }

  @Test("A look at a part tells of that part alone, once as well as twice", arguments: LawfulSystems.all)
  func merge(system: any LawfulSystem) {
    func check<System: LawfulSystem>(_ system: System) {
      typealias Model = System.Model
      for seed in Self.seeds {
        let sample = LawSample(of: system, seed: seed)
        let (older, later) = (sample.observed, sample.later)
        #expect(Model.merge(later, into: older, scope: .everything) == later, "seed \(seed)")
        #expect(Model.merge(older, into: older, scope: .only([])) == older, "seed \(seed)")
        let (before, after) = (sample.verdicts(in: older), sample.verdicts(in: later))
        for resource in sample.resources {
          let scope = ObservationScope.only([resource])
          let part = system.look(later, at: [resource], sample.desired)
          let merged = Model.merge(part, into: older, scope: scope)
          #expect(Model.merge(part, into: merged, scope: scope) == merged, "seed \(seed): \(resource)")
          let verdicts = sample.verdicts(in: merged)
          #expect(verdicts[resource] == after[resource], "seed \(seed): \(resource)")
          let touched = system.touched(by: resource, sample.desired)
          for other in sample.resources where !touched.contains(other) {
            #expect(verdicts[other] == before[other], "seed \(seed): \(other) by a look at \(resource)")
          }
        }
      }
    }
    check(system)
  }

  private static func coded<Value: Codable>(_ value: Value) throws -> Value {
    try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(value))
  }
}

extension SystemHealth {
  fileprivate var isUnreadable: Bool { if case .unreadable = self { true } else { false } }
}

extension Readiness {
  fileprivate var isUnreadable: Bool { if case .unreadable = self { true } else { false } }
}
