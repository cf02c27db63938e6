import PhoenixCore
import PhoenixHost
import PhoenixNetwork
import Testing

@testable import PhoenixSystems

/// A system with what it takes to try the laws on it.
protocol LawfulSystem: Sendable, CustomTestStringConvertible {
  associatedtype Model: ManagedSystem
  associatedtype World: LawWorld where World.Model == Model

  /// All that the example declares for it.
  var whole: Compiled<Model.Desired> { get }
  /// Whether it never changes anything.
  var isOnlyLookedAt: Bool { get }
  /// What others publish when everything is known.
  func facts(_ desired: Model.Desired) -> [FactKey: Reading<FactValue>]
  /// Everything as it should be.
  func right(_ desired: Model.Desired) -> Model.Observed
  /// Nothing that could be read.
  func unreadable(_ desired: Model.Desired) -> Model.Observed
  /// Each part right, wrong, absent, unreadable, or not looked at.
  func random(_ desired: Model.Desired, _ generator: inout SeededGenerator) -> Model.Observed
  /// What a look at some resources brings of all that there is.
  func look(_ all: Model.Observed, at resources: Set<ResourceID>, _ desired: Model.Desired) -> Model.Observed
  /// The resources whose verdict may change by a look at this one.
  func touched(by resource: ResourceID, _ desired: Model.Desired) -> Set<ResourceID>
  /// The same with its collections filled in another order.
  func reordered(_ desired: Model.Desired) -> Model.Desired
  /// The same with its collections filled in another order.
  func reordered(_ observed: Model.Observed) -> Model.Observed
  /// The system itself, its hands included, where something is wrong that the seed chose.
  func spoiled(_ generator: inout SeededGenerator) async throws -> World
}

extension LawfulSystem {
  var isOnlyLookedAt: Bool { false }
  var testDescription: String { Model.name.rawValue }
}

/// A system that acts on something real or simulated.
protocol LawWorld: Sendable {
  associatedtype Model: ManagedSystem

  var system: Model { get }
  var desired: Model.Desired { get }
  var now: WallTime { get }
  func facts() async -> Facts
  /// All that the system may write, with its content: the same again means nothing else stands there.
  func content() throws -> [String]
  /// Every write leaves a mark here, also one that changes nothing.
  func marks() throws -> [String]
}

/// All systems. A new one must be entered here, or a test fails.
enum LawfulSystems {
  static let all: [any LawfulSystem] = [
    LawfulProxmox(), LawfulStepCA(), LawfulCertificates(), LawfulDockerAPI(), LawfulNginx(), LawfulTraefik(),
    LawfulSwarm(),
  ]

  /// The systems that the daemon mounts.
  static func mounted() -> [SystemName] {
    let nowhere = "/nonexistent"
    let environment = SystemEnvironment(
      http: HTTPClient(), credentials: Credentials(directory: nowhere), configurationDirectory: nowhere,
      stateDirectory: nowhere, runtimeDirectory: nowhere, stateWrites: WriteCounter())
    return AllSystems.drivers(settings: DaemonSettings(), environment: environment).map(\.name)
  }
}
