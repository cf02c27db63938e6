/// A resource that the desired state declares.
public struct DeclaredResource: Hashable, Sendable {
  /// Its name.
  public let id: ResourceID
  /// What must be ready before it is created or changed. Deletes run in reverse.
  public let requires: [ResourceID]
  /// What must be ready before it is created, and not any more when it is there: what it is cloned from.
  public let madeFrom: [ResourceID]
  /// What must let it in before its successor takes its place, as the doors that a client certificate opens.
  public let admittedBy: [ResourceID]
  /// Where it is declared.
  public let location: Location?

  /// Creates a declaration.
  public init(
    _ id: ResourceID, requires: [ResourceID] = [], madeFrom: [ResourceID] = [], admittedBy: [ResourceID] = [],
    at location: Location? = nil
  ) {
    self.id = id
    self.requires = requires
    self.madeFrom = madeFrom
    self.admittedBy = admittedBy
    self.location = location
  }
}

extension DeclaredResource {
  /// What must be ready before a change of it.
  func requirements(for kind: Change.Kind) -> [ResourceID] {
    kind == .create ? Set(requires + madeFrom).sorted() : requires.sorted()
  }
}

/// What a system made of the users' files.
public struct Compiled<Desired: Sendable>: Sendable {
  /// What should be.
  public let desired: Desired
  /// What is declared, with what each requires.
  public let resources: [DeclaredResource]
  /// What the operator should know.
  public let findings: [Finding]

  /// Creates the result of a compilation.
  public init(_ desired: Desired, resources: [DeclaredResource], findings: [Finding] = []) {
    self.desired = desired
    self.resources = resources
    self.findings = findings
  }
}

/// What acting on a resource occupies.
public struct Route: Hashable, Sendable {
  /// Actions with the same lane run one after another: a guest, a node, a storage.
  public let lane: String
  /// The endpoint whose failures open a circuit, such as `https://10.0.0.13:8006`.
  public let endpoint: String

  /// Creates a route.
  public init(lane: String, endpoint: String) {
    self.lane = lane
    self.endpoint = endpoint
  }

  /// Whether a failure at an endpoint is one of the route's. A certificate's way is to its authority: a guest that
  /// does not take it is no reason to leave the authority alone.
  func isConcerned(by failed: String) -> Bool {
    failed == endpoint || failed.prefix { $0 != ":" } == endpoint.prefix { $0 != ":" }
  }
}

/// The decisions of one system: values in, values out. No IO, no clock, no randomness.
public protocol SystemModel: Sendable {
  /// What should be.
  associatedtype Desired: Codable & Equatable & Sendable
  /// What was seen.
  associatedtype Observed: Codable & Equatable & Sendable

  /// The system's name.
  static var name: SystemName { get }

  /// Whether its changes may end an exposure: then it is looked at also while actions are under way.
  static var watchesExposures: Bool { get }

  /// What differs. Names no resource whose reading is unreadable. Leaves `requires` empty.
  ///
  /// - Parameters:
  ///   - desired: What should be.
  ///   - observed: What was seen.
  ///   - facts: What other systems published; a change that needs an unreadable one is not made.
  ///   - now: Wall clock; only certificates look at it.
  /// - Returns: The changes, at most one a resource.
  static func diff(desired: Desired, observed: Observed, facts: Facts, now: WallTime) -> [Change]

  /// Whether what requires the resource may go ahead.
  static func ready(_ resource: ResourceID, desired: Desired, observed: Observed) -> Readiness

  /// What the system publishes for others.
  static func facts(of observed: Observed) -> [FactKey: Reading<FactValue>]

  /// Whether the system could be read at all.
  static func health(of observed: Observed) -> SystemHealth

  /// What should be known about the resources beyond their differences, such as an orphan.
  static func findings(desired: Desired, observed: Observed) -> [Finding]

  /// The newer observation of a part put into an older one of the whole.
  static func merge(_ newer: Observed, into older: Observed, scope: ObservationScope) -> Observed

  /// The identities seen of resources whose loss means lost data; recorded, so that a vanished one is held.
  static func identities(of observed: Observed) -> [ResourceID: String]

  /// Whether something is on its way without our doing, such as a task that starts: it is looked at again soon.
  static func isInMotion(desired: Desired, observed: Observed) -> Bool

  /// When the system's state will need another look by itself, such as a certificate's renewal.
  static func nextDeadline(desired: Desired, observed: Observed, now: WallTime) -> WallTime?

  /// What acting on a resource occupies.
  static func route(_ resource: ResourceID, desired: Desired) -> Route
}

extension SystemModel {
  /// No.
  public static var watchesExposures: Bool { false }
  /// None.
  public static func facts(of observed: Observed) -> [FactKey: Reading<FactValue>] { [:] }
  /// None.
  public static func findings(desired: Desired, observed: Observed) -> [Finding] { [] }
  /// None.
  public static func identities(of observed: Observed) -> [ResourceID: String] { [:] }
  /// Nothing.
  public static func isInMotion(desired: Desired, observed: Observed) -> Bool { false }
  /// None.
  public static func nextDeadline(desired: Desired, observed: Observed, now: WallTime) -> WallTime? { nil }
}
