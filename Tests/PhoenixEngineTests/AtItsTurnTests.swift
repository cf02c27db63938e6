import PhoenixCore
import Testing

@testable import SimulationKit

@Suite("What an action finds when its turn comes")
struct AtItsTurnTests {
  /// One thing whose number should be 1, and an action that waits for its turn to change it.
  private struct Stand<Tag: SystemTag> {
    private typealias Model = SimulatedModel<Tag>
    private var kernel: Kernel
    private let id: ResourceID
    private(set) var planned: [ResourceID] = []
    private(set) var ended: [Outcome] = []
    private var number = 2

    init(risk: Risk = .safe, policy: Policy = Policy(), isStateWritable: Bool = true) {
      id = Model.id("t")
      let item = SimulatedItem(
        value: 1, follows: nil, risk: risk, holdsData: false, mustNotDiffer: Tag.system == .proxmox)
      let desired = Model.Desired(items: ["t": item], prunes: false)
      let slot = SystemSlot(
        Compiled(desired, resources: [DeclaredResource(id, requires: [])]), of: Model.self)
      kernel = Kernel(
        configuration: KernelConfiguration(
          systems: [slot], desiredDigest: "d", policy: policy, intervals: [:], fullInterval: .seconds(3600),
          actionDeadline: .seconds(60)), memory: nil, idPrefix: "t")
      if !isStateWritable { feed(.stateWritable(false), at: 0) }
      feed(.tick, at: 0)
    }

    private func moment(_ seconds: Int64) -> Moment {
      Moment(
        wall: WallTime(seconds: 1_800_000_000 + seconds), boot: BootTime(milliseconds: seconds * 1000))
    }

    private func look() -> Observation {
      let observed = Model.Observed(items: ["t": .known(number)], down: nil)
      return Observation(Tag.system, .everything, .seen(observed))
    }

    private mutating func take(_ effects: [KernelEffect], at seconds: Int64) {
      for effect in effects {
        switch effect {
        case .observe(let run, _): feed(.observed(run, look()), at: seconds)
        case .enqueue(let action, _): planned.append(action.resource)
        case .tell(let event):
          if case .actionEnded(_, let result) = event.kind { ended.append(result.outcome) }
        default: break
        }
      }
    }

    private mutating func feed(_ input: KernelInput, at seconds: Int64) {
      take(kernel.handle(input, at: moment(seconds)), at: seconds)
    }

    /// A nudge, and the pass that follows it finds another number.
    mutating func pass(after seconds: Int64, number: Int) {
      self.number = number
      feed(.trigger(.nudge), at: seconds)
      feed(.tick, at: seconds + 2)
    }

    /// Its turn comes, and its number is another one by then. Returns the change that it makes, which fails when that
    /// is wished.
    @discardableResult
    mutating func turn(after seconds: Int64, number: Int, failure: Failure? = nil) -> Change? {
      self.number = number
      var input = ActionInput.begin
      var made: Change?
      while true {
        let (step, effects) = kernel.advance(id, input, at: moment(seconds))
        take(effects, at: seconds)
        switch step {
        case .observe: input = .observed(look())
        case .apply(let change):
          made = change
          guard let failure else { return change }
          input = .applyFailed(failure)
        case .wait, .done: return made
        }
      }
    }
  }

  @Test("An exposure that somebody keeps changing is cut as it is then; anything else is planned anew")
  func changedMeanwhile() {
    var exposure = Stand<GuestsTag>()
    #expect(exposure.turn(after: 1, number: 3)?.fields.first?.from == .number(3))
    #expect(exposure.ended.isEmpty)
    var other = Stand<CertificatesTag>()
    #expect(other.turn(after: 1, number: 3) == nil)
    #expect(other.ended == [.stale])
  }

  @Test("A cut that failed for good is not tried again because another one was planned")
  func failedBefore() {
    var exposure = Stand<GuestsTag>()
    exposure.turn(after: 1, number: 2, failure: Failure(.permanent, doing: "cut", got: "no such rule"))
    #expect(exposure.ended.map(\.word) == ["failed"])
    exposure.pass(after: 60, number: 3)
    #expect(exposure.planned.count == 2, "another one is")
    #expect(exposure.turn(after: 63, number: 2) == nil)
    #expect(exposure.ended.last?.word == "held")
    #expect(exposure.ended.last?.reason?.contains("no such rule") == true)
  }

  @Test("An exposure is cut although the state directory cannot be written; anything else is not begun")
  func unjournaled() {
    var exposure = Stand<GuestsTag>(isStateWritable: false)
    #expect(exposure.planned.count == 1)
    #expect(exposure.turn(after: 1, number: 2) != nil)
    #expect(Stand<CertificatesTag>(isStateWritable: false).planned.isEmpty)
  }

  @Test("What a window allowed is not begun after it has closed")
  func windowClosed() {
    // All begins on a Friday at 08:00 UTC.
    let window = MaintenanceWindow(days: [5], from: 7 * 60, to: 8 * 60 + 30, allow: [.disruptive])
    let policy = Policy(windows: [window])
    var inTime = Stand<CertificatesTag>(risk: .disruptive, policy: policy)
    #expect(inTime.turn(after: 60, number: 2) != nil)
    var late = Stand<CertificatesTag>(risk: .disruptive, policy: policy)
    #expect(late.turn(after: 3600, number: 2) == nil)
    #expect(late.ended.map(\.word) == ["held"])
  }
}
