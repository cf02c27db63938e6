/// One side of a field as plans show it: natural JSON, and never a secret.
public enum ShownValue: Hashable, Sendable, Codable {
  /// There is nothing.
  case none
  case text(String)
  case number(Int)
  case flag(Bool)
  case list([String])

  /// What may be shown of a value: `(sensitive)` for a secret, `(known after apply)` for what nobody knows yet.
  public init(_ value: FieldValue?) {
    switch value {
    case nil: self = .none
    case .text(let text): self = .text(text)
    case .number(let number): self = .number(number)
    case .flag(let flag): self = .flag(flag)
    case .list(let list): self = .list(list)
    case .sensitive, .knownAfterApply: self = .text(FieldText.of(value))
    }
  }

  /// Decodes null, a boolean, a whole number, a text, or a list of texts.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .none
    } else if let flag = try? container.decode(Bool.self) {
      self = .flag(flag)
    } else if let number = try? container.decode(Int.self) {
      self = .number(number)
    } else if let text = try? container.decode(String.self) {
      self = .text(text)
    } else {
      self = .list(try container.decode([String].self))
    }
  }

  /// Encodes as natural JSON.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .none: try container.encodeNil()
    case .text(let text): try container.encode(text)
    case .number(let number): try container.encode(number)
    case .flag(let flag): try container.encode(flag)
    case .list(let list): try container.encode(list)
    }
  }

  /// The value in a line for people; nothing in it can drive a terminal.
  public var text: String {
    switch self {
    case .none: "(none)"
    case .text(let text): text.isEmpty ? "\"\"" : text.escapedForTerminals
    case .number(let number): String(number)
    case .flag(let flag): flag ? "true" : "false"
    case .list(let list): "[" + list.map(\.escapedForTerminals).joined(separator: ", ") + "]"
    }
  }
}
