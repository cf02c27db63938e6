import PhoenixCore
import Testing

@testable import SimulationKit

@Suite("What is held is told once, whichever system a pass looks at")
struct ToldOnceTests {
  /// Ten things and a gateway that needs a certificate, which Phoenix may not issue by itself.
  private struct Stand {
    private var kernel: Kernel
    private var now: Int64 = 0
    private var asked: [(RunID, SystemName)] = []
    /// What really is, by name.
    private var numbers: [SystemName: [String: Int]]
    /// What was told of the gateway so far.
    private(set) var causes: [HeldChange.Cause] = []

    private static let certificate = SimulatedModel<CertificatesTag>.id("c")

    private static func item(_ value: Int) -> SimulatedItem {
      SimulatedItem(value: value, follows: nil, risk: .safe, holdsData: false)
    }

    private static func slot<Tag: SystemTag>(
      _ items: [String: SimulatedItem], of _: Tag.Type, requires: [ResourceID] = []
    ) -> SystemSlot<SimulatedModel<Tag>> {
      typealias Model = SimulatedModel<Tag>
      let desired = Model.Desired(items: items, prunes: false)
      let resources = items.keys.map { DeclaredResource(Model.id($0), requires: requires) }
      return SystemSlot(Compiled(desired, resources: resources), of: Model.self)
    }

    init() {
      let things = Dictionary(uniqueKeysWithValues: (0..<10).map { ("t\($0)", Self.item(1)) })
      kernel = Kernel(
        configuration: KernelConfiguration(
          systems: [
            Self.slot(things, of: GuestsTag.self),
            Self.slot(["c": Self.item(1)], of: CertificatesTag.self),
            Self.slot(["g": Self.item(1)], of: GatewayTag.self, requires: [Self.certificate]),
          ],
          desiredDigest: "d", policy: Policy(selfHealBySystem: [.certificates: false]),
          intervals: [.nginx: .seconds(60), .proxmox: .seconds(600), .certificates: .seconds(600)],
          fullInterval: .seconds(3600), actionDeadline: .seconds(60)), memory: nil, idPrefix: "t")
      numbers = [.proxmox: things.mapValues { _ in 1 }, .certificates: [:], .nginx: ["g": 1]]
    }

    /// Somebody mends a thing by hand.
    mutating func mend(_ thing: String) { numbers[.proxmox]?[thing] = 1 }

    mutating func drift() {
      numbers[.proxmox] = numbers[.proxmox]?.mapValues { _ in 2 }
      numbers[.nginx] = ["g": 2]
    }

    mutating func feed(_ input: KernelInput) {
      let moment = Moment(
        wall: WallTime(seconds: 1_800_000_000 + now), boot: BootTime(milliseconds: now * 1000))
      for effect in kernel.handle(input, at: moment) {
        switch effect {
        case .observe(let run, let system): asked.append((run, system))
        case .tell(let event):
          if case .held(let held) = event.kind, held.change.resource.system == .nginx {
            causes.append(held.cause)
          }
        default: break
        }
      }
      while let (run, system) = asked.popLast() { feed(.observed(run, look(at: system))) }
    }

    mutating func wait(_ seconds: Int64) {
      now += seconds
      feed(.tick)
    }

    private func look(at system: SystemName) -> Observation {
      func seen<Tag: SystemTag>(_: Tag.Type, _ names: [String]) -> Observation {
        let numbers = numbers[system] ?? [:]
        let items = names.map { ($0, numbers[$0].map { Reading.known($0) } ?? .absent) }
        let observed = SimulatedModel<Tag>.Observed(items: Dictionary(uniqueKeysWithValues: items), down: nil)
        return Observation(system, .everything, .seen(observed))
      }
      switch system {
      case .proxmox: return seen(GuestsTag.self, (0..<10).map { "t\($0)" })
      case .certificates: return seen(CertificatesTag.self, ["c"])
      default: return seen(GatewayTag.self, ["g"])
      }
    }
  }

  @Test func byTheReasonOfTheWhole() {
    var stand = Stand()
    stand.wait(0)
    stand.drift()
    stand.feed(.trigger(.nudge))
    #expect(stand.causes == [.guard])
    // Looks at the gateway alone, where nothing but the certificate would seem to stand in the way.
    for _ in 0..<5 { stand.wait(60) }
    #expect(stand.causes == [.guard])
    stand.feed(.trigger(.nudge))
    #expect(stand.causes == [.guard])
  }

  @Test("A run about a part says nothing of the rest, and is no reason to tell it again")
  func afterARunAboutAPart() {
    var stand = Stand()
    stand.wait(0)
    stand.drift()
    stand.feed(.trigger(.nudge))
    stand.mend("t0")
    let targets = [Target("proxmox/thing/t0")].compactMap { $0 }
    stand.feed(.request(RunRequest(RunID("r"), .apply(digest: nil), targets: targets)))
    stand.feed(.trigger(.nudge))
    #expect(stand.causes == [.guard])
  }
}
