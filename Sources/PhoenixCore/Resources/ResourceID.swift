/// The name of one thing that Phoenix keeps: `system/kind/name`, such as `proxmox/firewall/1001`.
///
/// The name may hold further slashes; system and kind never do.
public struct ResourceID: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
  /// The system that owns the resource, and alone writes it.
  public let system: SystemName
  /// What sort of thing it is within its system, such as `firewall`.
  public let kind: String
  /// Its name within its kind, such as `1001`.
  public let name: String

  /// Creates the name of a resource.
  public init(_ system: SystemName, _ kind: String, _ name: String) {
    self.system = system
    self.kind = kind
    self.name = name
  }

  /// Reads `system/kind/name`; nil when a part is missing or the system is not known.
  public init?(parsing text: String) {
    let parts = text.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, !parts[1].isEmpty, !parts[2].isEmpty,
      let system = SystemName(rawValue: String(parts[0]))
    else { return nil }
    self.init(system, String(parts[1]), String(parts[2]))
  }

  /// `system/kind/name`.
  public var description: String { "\(system.rawValue)/\(kind)/\(name)" }

  /// By system, then kind, then name, where runs of digits compare as numbers.
  public static func < (left: ResourceID, right: ResourceID) -> Bool {
    if left.system != right.system { return left.system < right.system }
    if left.kind != right.kind { return left.kind < right.kind }
    if let leftNumber = Int(left.name), let rightNumber = Int(right.name), leftNumber != rightNumber {
      return leftNumber < rightNumber
    }
    return left.name < right.name
  }

  /// Decodes `system/kind/name`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let id = ResourceID(parsing: text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "'\(text)' is not system/kind/name")
    }
    self = id
  }

  /// Encodes as `system/kind/name`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
