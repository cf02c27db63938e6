import PhoenixCore
import Testing

@testable import SimulationKit

@Suite("What a run tells of an action whose turn never came")
struct RunResultTests {
  private typealias Model = SimulatedModel<CertificatesTag>

  /// Two things whose numbers should be 1: the first one is missing, and the second waits for it.
  private struct Stand {
    private var kernel: Kernel
    private var numbers: [String: Reading<Int>] = ["first": .absent, "second": .known(2)]
    private(set) var result: RunResult?

    init() {
      func item(_ name: String) -> (String, SimulatedItem) {
        (name, SimulatedItem(value: 1, follows: nil, risk: .safe, holdsData: false))
      }
      let desired = Model.Desired(
        items: Dictionary(uniqueKeysWithValues: [item("first"), item("second")]), prunes: false)
      let resources = [
        DeclaredResource(Model.id("first"), requires: []),
        DeclaredResource(Model.id("second"), requires: [Model.id("first")]),
      ]
      kernel = Kernel(
        configuration: KernelConfiguration(
          systems: [SystemSlot(Compiled(desired, resources: resources), of: Model.self)],
          desiredDigest: "d", policy: Policy(), intervals: [:], fullInterval: .seconds(3600),
          actionDeadline: .seconds(60)), memory: nil, idPrefix: "t")
      handle(kernel.handle(.tick, at: Self.moment))
    }

    private static let moment = Moment(
      wall: WallTime(seconds: 1_800_000_000), boot: BootTime(milliseconds: 0))

    private func look() -> Observation {
      let observed = Model.Observed(items: numbers, down: nil)
      return Observation(CertificatesTag.system, .everything, .seen(observed))
    }

    private mutating func handle(_ effects: [KernelEffect]) {
      for effect in effects {
        switch effect {
        case .observe(let run, _): handle(kernel.handle(.observed(run, look()), at: Self.moment))
        case .reply(let reply): result = result ?? reply
        default: break
        }
      }
    }

    /// The first one's turn comes; its change makes another number of the second one, too, or fails.
    mutating func turn(secondBecomes number: Int?) {
      let id = Model.id("first")
      var input = ActionInput.begin
      while true {
        let (step, effects) = kernel.advance(id, input, at: Self.moment)
        handle(effects)
        switch step {
        case .observe: input = .observed(look())
        case .apply:
          guard let number else {
            input = .applyFailed(Failure(.permanent, doing: "write", got: "no space left"))
            continue
          }
          numbers = ["first": .known(1), "second": .known(number)]
          input = .applied
        case .wait, .done: return
        }
      }
    }
  }

  @Test(
    "What came before made it needless; otherwise it is begun",
    arguments: [(1, true), (2, false), (3, false)])
  func needless(number: Int, isOver: Bool) {
    var stand = Stand()
    stand.turn(secondBecomes: number)
    #expect((stand.result != nil) == isOver)
    #expect(stand.result?.actions[Model.id("first")]?.outcome == (isOver ? .verified : nil))
    #expect(stand.result?.actions[Model.id("second")]?.outcome == (isOver ? .unchanged : nil))
  }

  @Test("What came before it failed: it is held, and the failure is why")
  func failed() throws {
    var stand = Stand()
    stand.turn(secondBecomes: nil)
    let outcome = try #require(stand.result?.actions[Model.id("second")]?.outcome)
    #expect(outcome.word == "held")
    #expect(outcome.reason?.contains("no space left") == true, "\(outcome)")
    #expect(outcome.reason?.hasPrefix("waits for certificates/thing/first") == true, "\(outcome)")
  }
}
