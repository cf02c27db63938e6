/// What the value of a key may be: the one table from which come the checks of the users' files and their
/// JSON Schemas.
public indirect enum Shape: Sendable {
  /// Anything. It is carried and not looked into.
  case any
  /// true or false.
  case bool
  /// A whole number in a range.
  case integer(ClosedRange<Int>)
  /// A number in a range.
  case number(ClosedRange<Double>)
  /// A string of a format.
  case text(TextFormat)
  /// One of some strings.
  case choice([String])
  /// The number of a guest, also written as a string: users do both.
  case guestID
  /// A list.
  case array(Shape)
  /// An object whose keys are names that the users give; `named` are keys with a meaning of their own.
  case map(TextFormat, Shape, named: [ShapeKey])
  /// An object with known keys.
  case object(ObjectShape)
  /// Any of some shapes, which differ in their JSON type.
  case either([Shape])

  /// An object with these keys.
  static func object(_ keys: [ShapeKey], isOpen: Bool = false) -> Shape {
    .object(ObjectShape(keys, isOpen: isOpen))
  }

  /// An object whose keys are names that the users give.
  static func map(_ keys: TextFormat, _ value: Shape) -> Shape { .map(keys, value, named: []) }
}

/// An object with known keys.
public struct ObjectShape: Sendable {
  /// The keys, in the order in which people would write them.
  public let keys: [ShapeKey]
  /// Whether there are keys that Phoenix only carries. Those are no findings, unless one looks like a
  /// misspelling.
  public let isOpen: Bool
  private let positions: [String: Int]

  /// Creates an object's shape; of keys with the same name the first counts.
  public init(_ keys: [ShapeKey], isOpen: Bool = false) {
    self.keys = keys
    self.isOpen = isOpen
    positions = Dictionary(keys.enumerated().map { ($1.name, $0) }) { first, _ in first }
  }

  /// What is known of a key.
  public subscript(name: String) -> ShapeKey? { positions[name].map { keys[$0] } }
}

/// A key of one of the users' files.
public struct ShapeKey: Sendable {
  /// The key.
  public let name: String
  /// What its value may be.
  public let shape: Shape
  /// What it means, in a few words with its unit and default.
  public let meaning: String
  /// Whether it must be there.
  public let isRequired: Bool
  /// Whether its value is never shown.
  public let isSecret: Bool

  /// Creates a key.
  public init(
    _ name: String, _ shape: Shape, _ meaning: String, isRequired: Bool = false, isSecret: Bool = false
  ) {
    self.name = name
    self.shape = shape
    self.meaning = meaning
    self.isRequired = isRequired
    self.isSecret = isSecret
  }
}
