import Testing

@testable import PhoenixCore
@testable import SimulationKit

@Suite("What is done while others are still being looked at or acted on")
struct CutWhileLookingTests {
  /// A thing of each of two systems whose number should be 1; only the guests' is an exposure when it is another.
  private struct Stand {
    private typealias Guests = SimulatedModel<GuestsTag>
    private typealias Others = SimulatedModel<CertificatesTag>
    private var kernel: Kernel
    private var run: RunID?
    private(set) var planned: [ResourceID] = []
    private(set) var told: [String] = []
    private(set) var result: RunResult?
    var numbers: [SystemName: Int] = [.proxmox: 2, .certificates: 2]
    /// The looks that were asked for.
    private(set) var asked: [SystemName] = []
    private var seconds: Int64 = 0

    static let exposure = Guests.id("t")
    static let other = Others.id("t")

    init(exposed: Bool = true) {
      if !exposed { numbers[.proxmox] = 1 }
      func slot<Tag: SystemTag>(_: Tag.Type) -> SystemSlot<SimulatedModel<Tag>> {
        let item = SimulatedItem(
          value: 1, follows: nil, risk: .safe, holdsData: false, mustNotDiffer: Tag.system == .proxmox)
        return SystemSlot(
          Compiled(
            SimulatedModel<Tag>.Desired(items: ["t": item], prunes: false),
            resources: [DeclaredResource(SimulatedModel<Tag>.id("t"), requires: [])]),
          of: SimulatedModel<Tag>.self)
      }
      kernel = Kernel(
        configuration: KernelConfiguration(
          systems: [slot(GuestsTag.self), slot(CertificatesTag.self)], desiredDigest: "d", policy: Policy(),
          intervals: [.proxmox: .seconds(20)], fullInterval: .seconds(3600), actionDeadline: .seconds(60)),
        memory: nil,
        idPrefix: "t")
      take(kernel.handle(.tick, at: moment))
    }

    private var moment: Moment {
      Moment(
        wall: WallTime(seconds: 1_800_000_000 + seconds), boot: BootTime(milliseconds: seconds * 1000))
    }

    var nextWake: Int64? { kernel.nextWake(at: moment).map { $0.milliseconds / 1000 } }

    /// Time passes.
    mutating func pass(_ seconds: Int64) {
      self.seconds += seconds
      take(kernel.handle(.tick, at: moment))
    }

    /// Somebody wants everything looked at.
    mutating func nudge() { take(kernel.handle(.trigger(.nudge), at: moment)) }

    /// An action begins, and has not ended.
    mutating func begins(_ id: ResourceID) {
      let (_, begun) = kernel.advance(id, .begin, at: moment)
      take(begun)
      let (step, effects) = kernel.advance(id, .observed(look(id.system)), at: moment)
      take(effects)
      if case .apply = step { return }
      Issue.record("\(id) is not applied")
    }

    /// It ends as it should.
    mutating func ends(_ id: ResourceID) {
      numbers[id.system] = 1
      let (_, applied) = kernel.advance(id, .applied, at: moment)
      take(applied)
      let (_, proved) = kernel.advance(id, .observed(look(id.system)), at: moment)
      take(proved)
    }

    private func look(_ system: SystemName) -> Observation {
      let number = numbers[system] ?? 0
      return system == .proxmox
        ? Observation(
          system, .everything, .seen(Guests.Observed(items: ["t": .known(number)], down: nil)))
        : Observation(
          system, .everything, .seen(Others.Observed(items: ["t": .known(number)], down: nil)))
    }

    private mutating func take(_ effects: [KernelEffect]) {
      for effect in effects {
        switch effect {
        case .observe(let run, let system):
          self.run = run
          asked.append(system)
        case .enqueue(let action, _): planned.append(action.resource)
        case .reply(let result): self.result = result
        case .tell(let event):
          if case .driftFound(let change) = event.kind { told.append("\(change.resource) differs") }
        default: break
        }
      }
    }

    /// A system answers at last.
    mutating func answers(_ system: SystemName) {
      guard let run else { return }
      take(kernel.handle(.observed(run, look(system)), at: moment))
    }

    /// An action's turn comes, and does what it should.
    mutating func turn(_ id: ResourceID) {
      var input = ActionInput.begin
      while true {
        let (step, effects) = kernel.advance(id, input, at: moment)
        take(effects)
        switch step {
        case .observe: input = .observed(look(id.system))
        case .apply:
          numbers[id.system] = 1
          input = .applied
        case .wait, .done: return
        }
      }
    }
  }

  @Test("An exposure is cut before everybody has answered, and the run goes on with the rest")
  func cut() throws {
    var stand = Stand()
    stand.answers(.proxmox)
    #expect(stand.planned == [Stand.exposure])
    #expect(stand.told == ["\(Stand.exposure) differs"])
    stand.turn(Stand.exposure)
    #expect(stand.planned.count == 1 && stand.result == nil, "the other one has not answered")
    stand.answers(.certificates)
    #expect(stand.planned == [Stand.exposure, Stand.other])
    stand.turn(Stand.other)
    stand.answers(.proxmox)
    stand.answers(.certificates)
    let result = try #require(stand.result)
    #expect(result.actions.mapValues(\.outcome) == [Stand.exposure: .verified, Stand.other: .verified])
  }

  @Test("The rest waits for a cut that is under way; anything else waits until all have answered")
  func order() {
    var stand = Stand()
    stand.answers(.certificates)
    #expect(stand.planned.isEmpty)
    stand.answers(.proxmox)
    #expect(Set(stand.planned) == [Stand.exposure, Stand.other], "one plan for all")
    var late = Stand()
    late.answers(.proxmox)
    late.answers(.certificates)
    #expect(late.planned == [Stand.exposure])
    late.turn(Stand.exposure)
    #expect(late.planned == [Stand.exposure, Stand.other])
  }

  /// The other one is being acted on, and takes its time.
  private func acting() -> Stand {
    var stand = Stand(exposed: false)
    stand.answers(.proxmox)
    stand.answers(.certificates)
    #expect(stand.planned == [Stand.other])
    stand.begins(Stand.other)
    #expect(stand.asked.count == 2)
    return stand
  }

  @Test("An exposure that comes up during an action is seen at the interval, and cut beside it")
  func duringAnAction() throws {
    var stand = acting()
    stand.numbers[.proxmox] = 2
    #expect(stand.nextWake == 20)
    stand.pass(19)
    #expect(stand.asked.count == 2)
    stand.pass(1)
    #expect(stand.asked.dropFirst(2) == [.proxmox])
    stand.pass(60)
    #expect(stand.asked.count { $0 == .proxmox } == 2, "one look at a time")
    stand.answers(.proxmox)
    #expect(stand.planned == [Stand.other, Stand.exposure])
    #expect(stand.told.contains("\(Stand.exposure) differs"))
    stand.turn(Stand.exposure)
    #expect(stand.numbers[.proxmox] == 1)
    #expect(stand.result == nil, "the first one is still under way")
    stand.ends(Stand.other)
    // Looks that were asked for before come back first.
    for _ in 0..<2 {
      stand.answers(.proxmox)
      stand.answers(.certificates)
    }
    let result = try #require(stand.result)
    #expect(result.actions.mapValues(\.outcome) == [Stand.exposure: .verified, Stand.other: .verified])
  }

  @Test("What was cut and is open again is cut again while the other one is under way")
  func again() {
    var stand = acting()
    for round in 1...3 {
      stand.numbers[.proxmox] = 2
      stand.pass(20)
      stand.answers(.proxmox)
      #expect(stand.planned.count { $0 == Stand.exposure } == round)
      stand.turn(Stand.exposure)
      #expect(stand.numbers[.proxmox] == 1)
    }
  }

  @Test("A nudge has it looked at at once; what is no exposure waits")
  func nudged() {
    var stand = acting()
    stand.nudge()
    #expect(stand.asked.dropFirst(2).sorted() == [.proxmox, .certificates].sorted())
    stand.answers(.proxmox)
    #expect(stand.planned == [Stand.other])
    stand.numbers[.proxmox] = 2
    stand.nudge()
    stand.answers(.proxmox)
    #expect(stand.planned == [Stand.other, Stand.exposure])
  }

  @Test("A look that was asked for during an action is not taken for the one after it")
  func lateLook() throws {
    var stand = acting()
    stand.nudge()
    stand.ends(Stand.other)
    // The next wave looks at both; at each only when the earlier look has come back.
    #expect(stand.asked.count == 4)
    stand.answers(.proxmox)
    #expect(stand.asked.dropFirst(4) == [.proxmox])
    stand.answers(.certificates)
    #expect(stand.asked.dropFirst(4) == [.proxmox, .certificates])
    stand.numbers[.proxmox] = 2
    stand.answers(.proxmox)
    #expect(stand.planned.last == Stand.exposure, "in a later wave, too, it is cut before all have answered")
    stand.answers(.certificates)
    stand.turn(Stand.exposure)
    stand.answers(.proxmox)
    stand.answers(.certificates)
    let result = try #require(stand.result)
    #expect(result.actions.mapValues(\.outcome) == [Stand.exposure: .verified, Stand.other: .verified])
  }
}
