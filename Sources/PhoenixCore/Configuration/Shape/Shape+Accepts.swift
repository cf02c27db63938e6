extension Shape {
  /// Whether a scalar is of the shape. Lists and objects are looked into by `ShapeCheck`.
  func accepts(_ node: Node) -> Bool {
    switch (self, node.content) {
    case (.any, _), (.bool, .bool): true
    case (.integer(let range), .integer(let number)): range.contains(number)
    case (.number(let range), .integer(let number)): range.contains(Double(number))
    case (.number(let range), .number(let text)): Double(text).map(range.contains) == true
    case (.text(let format), .string(let text)): format.accepts(text)
    case (.choice(let choices), .string(let text)): choices.contains(text)
    case (.guestID, .integer(let number)): TextFormat.guestID.accepts("\(number)")
    case (.guestID, .string(let text)): TextFormat.guestID.accepts(text)
    default: false
    }
  }

  /// Whether a value is of the JSON type of the shape, so that its mistakes are told by it.
  func isPossible(for node: Node) -> Bool {
    switch (self, node.content) {
    case (.any, _), (.bool, .bool), (.integer, .integer), (.number, .integer), (.number, .number): true
    case (.text, .string), (.choice, .string), (.guestID, .integer), (.guestID, .string): true
    case (.array, .array), (.map, .object), (.object, .object): true
    case (.either(let shapes), _): shapes.contains { $0.isPossible(for: node) }
    default: false
    }
  }

  /// What is expected, for a message.
  var expectation: String {
    switch self {
    case .any: "anything"
    case .bool: "true or false"
    case .integer(let range):
      switch (range.lowerBound, range.upperBound) {
      case (Int.min, Int.max): "a whole number"
      case (let lower, Int.max): "a whole number of at least \(lower)"
      default: "a whole number from \(range.lowerBound) to \(range.upperBound)"
      }
    case .number(let range): "a number from \(range.lowerBound) to \(range.upperBound)"
    case .text(let format): format.expectation
    case .choice(let choices): Self.alternatives(choices.map { "\"\($0)\"" })
    case .guestID: TextFormat.guestID.expectation
    case .array: "a list"
    case .map, .object: "an object"
    case .either(let shapes): Self.alternatives(shapes.map(\.expectation))
    }
  }

  /// What to write instead, where that is plain.
  func hint(for node: Node) -> String? {
    switch (self, node.content) {
    case (.integer, .string(let text)), (.number, .string(let text)):
      Int(text).map { "write \($0) without quotes" }
    case (.bool, .string(let text)) where ["true", "false"].contains(text.lowercased()):
      "write \(text.lowercased()) without quotes"
    case (.text(.duration), .integer(let number)): "write it with its unit: \"\(number)s\""
    case (.text, .integer), (.text, .number), (.choice, .integer): "put it in double quotes"
    case (.choice(let choices), .string(let text)):
      KnownNames(choices).nearest(to: text).map { "did you mean \"\($0)\"?" }
    case (.array(let element), _) where element.isPossible(for: node): "put it in [ ]"
    case (.text(.blockOrDHCP), .string(let text)) where IPAddress(text) != nil:
      "add the length of the prefix: \(text)/24"
    default: nil
    }
  }

  private static func alternatives(_ texts: [String]) -> String {
    guard let last = texts.last, texts.count > 1 else { return texts.first ?? "nothing" }
    return texts.dropLast().joined(separator: ", ") + " or " + last
  }
}

extension Node {
  /// The value in a few words for a message: `the string "lots"`.
  var descriptionForPeople: String {
    switch content {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .integer(let number): "\(number)"
    case .number(let text): text.count <= 40 ? text : "a long number"
    case .string(let text): "the string \(text.quotedForPeople)"
    case .array: "a list"
    case .object: "an object"
    }
  }
}
