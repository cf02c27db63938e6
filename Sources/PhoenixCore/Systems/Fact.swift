/// The name of something known only at run time, published by one system and read by others.
public struct FactKey: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
  /// What it is, such as `certificate.generation`.
  public let name: String
  /// Whose, such as the certificate's common name.
  public let subject: String

  /// Creates the name of a fact.
  public init(_ name: String, of subject: String) {
    self.name = name
    self.subject = subject
  }

  /// `name(subject)`.
  public var description: String { "\(name)(\(subject))" }

  /// By name, then subject.
  public static func < (left: FactKey, right: FactKey) -> Bool {
    (left.name, left.subject) < (right.name, right.subject)
  }
}

/// The value of a fact.
public enum FactValue: Hashable, Sendable, Codable {
  case text(String)
  case number(Int)
  case list([String])
}

/// What all systems have published, as of their last observations.
public struct Facts: Sendable, Equatable {
  private var readings: [FactKey: Reading<FactValue>]

  /// Creates a set of facts.
  public init(_ readings: [FactKey: Reading<FactValue>] = [:]) { self.readings = readings }

  /// A fact; one that nobody published is unreadable, never absent.
  public subscript(key: FactKey) -> Reading<FactValue> {
    readings[key] ?? .unreadable("nobody has published \(key) yet")
  }

  /// All readings of one name, by subject.
  public func all(named name: String) -> [String: Reading<FactValue>] {
    var found: [String: Reading<FactValue>] = [:]
    for (key, reading) in readings where key.name == name { found[key.subject] = reading }
    return found
  }

  /// Adds what one system published.
  public mutating func publish(_ others: [FactKey: Reading<FactValue>]) {
    readings.merge(others) { _, newer in newer }
  }
}
