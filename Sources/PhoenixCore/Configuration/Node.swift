/// A value in one of the users' files, with the place where it stands.
///
/// JSON and YAML give the same nodes. Decoding from a node keeps positions, so that whatever is wrong with
/// a value can be told with `file:line:column`.
public struct Node: Sendable {
  /// One `key: value` of an object.
  public struct Member: Sendable {
    /// The key.
    public let key: String
    /// Where the key stands.
    public let keyLocation: Location
    /// Its value.
    public let value: Node

    /// Creates a member.
    public init(key: String, keyLocation: Location, value: Node) {
      self.key = key
      self.keyLocation = keyLocation
      self.value = value
    }
  }

  /// What the node holds.
  public enum Content: Sendable {
    case null
    case bool(Bool)
    case integer(Int)
    /// A number that is no Int, as it was written.
    case number(String)
    case string(String)
    case array([Node])
    /// Members in the order of the file; keys are unique (a duplicate is a finding, the first wins).
    case object([Member])
  }

  /// What it holds.
  public let content: Content
  /// Where it begins.
  public let location: Location

  /// Creates a node.
  public init(_ content: Content, at location: Location) {
    self.content = content
    self.location = location
  }

  /// The value of a key; nil when this is no object, or the key is missing or null.
  public subscript(key: String) -> Node? {
    guard let member = members.first(where: { $0.key == key }) else { return nil }
    if case .null = member.value.content { return nil }
    return member.value
  }

  /// Whether it is an object.
  public var isObject: Bool { if case .object = content { true } else { false } }

  /// Whether it is an array.
  public var isArray: Bool { if case .array = content { true } else { false } }

  /// The members of an object; none of anything else.
  public var members: [Member] {
    if case .object(let members) = content { members } else { [] }
  }

  /// The elements of an array; none of anything else.
  public var elements: [Node] {
    if case .array(let elements) = content { elements } else { [] }
  }

  /// The text of a string, or a number as it would be written: users write ids both ways.
  public var string: String? {
    switch content {
    case .string(let text): text
    case .integer(let number): String(number)
    case .number(let text): text
    case .null, .bool, .array, .object: nil
    }
  }

  /// A whole number, also one written as a string: users write ids both ways.
  public var integer: Int? {
    switch content {
    case .integer(let number): number
    case .string(let text): Int(text)
    case .null, .bool, .number, .array, .object: nil
    }
  }

  /// A truth value, also `"true"`, `"false"`, 1 and 0.
  public var bool: Bool? {
    switch content {
    case .bool(let value): value
    case .integer(1), .string("true"): true
    case .integer(0), .string("false"): false
    default: nil
    }
  }

  /// The strings of an array of strings.
  public var strings: [String] { elements.compactMap(\.string) }
}

/// A node may hold a secret of the users' files, so it never shows what it holds.
extension Node: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The JSON type and the place, such as `object at phoenixd.json:1:1`.
  public var description: String {
    let kind =
      switch content {
      case .null: "null"
      case .bool: "bool"
      case .integer, .number: "number"
      case .string: "string"
      case .array: "array"
      case .object: "object"
      }
    return "\(kind) at \(location)"
  }
  /// The same as `description`.
  public var debugDescription: String { description }
  /// No children: a dump shows nothing.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
