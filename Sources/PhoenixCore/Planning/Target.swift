/// What a command is about: a vmid, a system, a resource, or a prefix of one.
public struct Target: Hashable, Sendable, Codable, CustomStringConvertible {
  /// As it was typed.
  public let description: String

  /// Reads a target; nil when it is empty or its system is not known.
  public init?(_ text: String) {
    guard !text.isEmpty else { return nil }
    if Int(text) == nil {
      let system = text.split(separator: "/", omittingEmptySubsequences: false).first.map(String.init)
      guard let system, SystemName(rawValue: system) != nil else { return nil }
    }
    description = text
  }

  /// Whether a resource is meant. A number means every resource of that name, or about that guest.
  public func matches(_ resource: ResourceID) -> Bool {
    if Int(description) != nil { return resource.name == description }
    let name = resource.description
    return name == description || name.hasPrefix(description + "/") || isPrefix(of: name)
  }

  /// The system it names; nil for a vmid.
  public var system: SystemName? {
    description.split(separator: "/").first.flatMap { SystemName(rawValue: String($0)) }
  }

  private func isPrefix(of name: String) -> Bool {
    description.contains("/") && name.hasPrefix(description)
  }
}
