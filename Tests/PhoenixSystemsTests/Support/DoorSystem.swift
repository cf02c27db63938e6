import PhoenixCore

/// A door as a system of its own, which lets in the one client it has.
struct DoorSystem: ManagedSystem {
  struct Desired: Codable, Equatable, Sendable { var client: String }
  struct Observed: Codable, Equatable, Sendable {
    var client: String
    var admitted: [String]
  }

  static let name = SystemName.dockerAPI
  static let resource = GuardedDoor.dockerAPI.resource(on: 1001)

  /// Whom it lets in.
  let admitted: Lock<[String]>

  static func compile(_ inventory: Inventory, _ nodes: ConfigurationNodes) -> Compiled<Desired> {
    Compiled(Desired(client: ""), resources: [DeclaredResource(resource)])
  }

  static func diff(desired: Desired, observed: Observed, facts: Facts, now: WallTime) -> [Change] {
    guard case .known(.list(let leaves)) = facts[.clientFingerprints(desired.client)],
      leaves != observed.admitted
    else { return [] }
    return [
      Change(
        resource, .update,
        fields: [FieldChange("clients", from: .list(observed.admitted), to: .list(leaves))],
        reason: "others are to be let in")
    ]
  }

  static func ready(_ resource: ResourceID, desired: Desired, observed: Observed) -> Readiness { .ready }
  static func health(of observed: Observed) -> SystemHealth { .readable }
  static func merge(_ newer: Observed, into older: Observed, scope: ObservationScope) -> Observed { newer }
  static func route(_ resource: ResourceID, desired: Desired) -> Route {
    Route(lane: "guest 1001", endpoint: "1001")
  }

  static func facts(of observed: Observed) -> [FactKey: Reading<FactValue>] {
    [.admitted(observed.client, at: .dockerAPI, guest: 1001): .known(.list(observed.admitted))]
  }

  func observe(_ scope: ObservationScope, desired: Desired) async -> Observed {
    Observed(client: desired.client, admitted: admitted.withLock { $0 })
  }

  func apply(
    _ change: Change, desired: Desired, observed: Observed, facts: Facts
  ) async throws(Failure) {
    guard case .known(.list(let leaves)) = facts[.clientFingerprints(desired.client)] else { return }
    admitted.withLock { $0 = leaves }
  }
}
