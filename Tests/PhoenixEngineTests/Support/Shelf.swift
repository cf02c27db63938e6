import PhoenixCore

/// A small system in memory, written the way every real one is: a shelf of numbers.
struct Shelf: ManagedSystem {
  struct Item: Codable, Equatable, Sendable {
    var number: Int
    var risk = Risk.safe
  }

  typealias Desired = [String: Item]

  struct Observed: Codable, Equatable, Sendable {
    var numbers: [String: Int]
    var silence: String?
  }

  /// What is really on the shelf, and what goes wrong with it.
  final class World: Sendable {
    struct State: Sendable {
      var numbers: [String: Int] = [:]
      var silence: String?
      var applyFailure: String?
      var writes = 0
      /// How many applies began.
      var begun = 0
      /// Held by an apply that is to take its time.
      var isSlow = false
    }

    let state: Lock<State>

    init(_ numbers: [String: Int]) { state = Lock(State(numbers: numbers)) }
  }

  static let name = SystemName.dns
  let world: World

  static func id(_ name: String) -> ResourceID { ResourceID(Self.name, "number", name) }

  static func configured(_ items: Desired) -> any SystemState {
    SystemSlot(
      Compiled(items, resources: items.keys.sorted().map { DeclaredResource(id($0)) }), of: Shelf.self)
  }

  static func compile(_ inventory: Inventory, _ nodes: ConfigurationNodes) -> Compiled<Desired> {
    Compiled([:], resources: [])
  }

  static func diff(desired: Desired, observed: Observed, facts: Facts, now: WallTime) -> [Change] {
    guard observed.silence == nil else { return [] }
    return desired.sorted { $0.key < $1.key }.compactMap { name, item in
      let number = observed.numbers[name]
      guard number != item.number else { return nil }
      return Change(
        id(name), number == nil ? .create : .update,
        fields: [FieldChange("number", from: number.map { .number($0) }, to: .number(item.number))],
        reason: number == nil ? "it is missing" : "the number differs", risk: item.risk)
    }
  }

  static func ready(_ resource: ResourceID, desired: Desired, observed: Observed) -> Readiness {
    if let silence = observed.silence { return .unreadable(silence) }
    return observed.numbers[resource.name] == nil ? .notReady("it is missing") : .ready
  }

  static func facts(of observed: Observed) -> [FactKey: Reading<FactValue>] {
    [FactKey("certificate.notAfter", of: "qdrant.internal.example"): .known(.number(1_800_000_000))]
  }

  static func health(of observed: Observed) -> SystemHealth {
    observed.silence.map { .unreadable($0) } ?? .readable
  }

  static func merge(_ newer: Observed, into older: Observed, scope: ObservationScope) -> Observed { newer }

  static func route(_ resource: ResourceID, desired: Desired) -> Route {
    Route(lane: resource.description, endpoint: "shelf")
  }

  func observe(_ scope: ObservationScope, desired: Desired) async -> Observed {
    world.state.withLock { Observed(numbers: $0.numbers, silence: $0.silence) }
  }

  func apply(
    _ change: Change, desired: Desired, observed: Observed, facts: Facts
  ) async throws(Failure) {
    world.state.withLock { $0.begun += 1 }
    while world.state.withLock({ $0.isSlow }), !Task.isCancelled {
      try? await Task.sleep(for: .milliseconds(5))
    }
    let failure = world.state.withLock { state -> String? in
      if Task.isCancelled { return "cancelled" }
      if let failure = state.applyFailure { return failure }
      state.writes += 1
      state.numbers[change.resource.name] = desired[change.resource.name]?.number
      return nil
    }
    if let failure { throw Failure(.transient, doing: "put a number on the shelf", got: failure) }
  }
}
