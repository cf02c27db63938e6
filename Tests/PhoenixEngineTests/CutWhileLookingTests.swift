import Testing

@testable import PhoenixCore
@testable import SimulationKit

@Suite("What is done while others are still being looked at")
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
    private var numbers: [SystemName: Int] = [.proxmox: 2, .certificates: 2]

    static let exposure = Guests.id("t")
    static let other = Others.id("t")

    init() {
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
          intervals: [:], fullInterval: .seconds(3600), actionDeadline: .seconds(60)), memory: nil,
        idPrefix: "t")
      take(kernel.handle(.tick, at: Self.moment))
    }

    private static let moment = Moment(
      wall: WallTime(seconds: 1_800_000_000), boot: BootTime(milliseconds: 0))

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
        case .observe(let run, _): self.run = run
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
      take(kernel.handle(.observed(run, look(system)), at: Self.moment))
    }

    /// An action's turn comes, and does what it should.
    mutating func turn(_ id: ResourceID) {
      var input = ActionInput.begin
      while true {
        let (step, effects) = kernel.advance(id, input, at: Self.moment)
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
}
