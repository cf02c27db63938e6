/// How readable a system was, as JSON shows it.
public struct SystemReport: Hashable, Sendable, Codable {
  /// How readable it was.
  public enum State: String, Hashable, Sendable, Codable {
    case readable, partly, unreadable
  }

  /// The system.
  public let system: SystemName
  /// How readable it was.
  public let state: State
  /// Why it was not, or not in whole.
  public let reason: String?

  /// Makes the report of a system.
  public init(_ system: SystemName, _ health: SystemHealth) {
    self.system = system
    switch health {
    case .readable: (state, reason) = (.readable, nil)
    case .partly(let why): (state, reason) = (.partly, why)
    case .unreadable(let why): (state, reason) = (.unreadable, why)
    }
  }

  /// Makes the reports of all systems, in their order.
  public static func list(_ healths: [SystemName: SystemHealth]) -> [SystemReport] {
    healths.sorted { $0.key < $1.key }.map { SystemReport($0.key, $0.value) }
  }

  /// Encodes every key, those without a value as null.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(system, forKey: .system)
    try container.encode(state, forKey: .state)
    try container.encode(reason, forKey: .reason)
  }
}
