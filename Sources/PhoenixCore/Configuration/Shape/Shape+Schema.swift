/// JSON Schemas (draft 2020-12) made from the table of shapes.
///
/// What a schema refuses, Phoenix refuses as well; Phoenix checks more (addresses to the last bit, references,
/// duplicates). Unknown keys are warnings, so schemas let them pass.
extension Shape {
  /// The schema of a file.
  ///
  /// - Parameters:
  ///   - title: What the file is called.
  ///   - name: The schema's file name, which is its `$id`.
  /// - Returns: The schema as JSON for people.
  public func schema(title: String, name: String) -> String {
    var members: [(String, SchemaValue)] = [
      ("$schema", .text("https://json-schema.org/draft/2020-12/schema")),
      ("$id", .text(name)),
      ("title", .text(title)),
    ]
    members += schemaMembers
    return SchemaValue.object(members).node.prettyText
  }

  private var schemaMembers: [(String, SchemaValue)] {
    switch self {
    case .any: []
    case .bool: [("type", .text("boolean"))]
    case .integer(let range): [("type", .text("integer"))] + Self.bounds(range)
    case .number(let range):
      [
        ("type", .text("number")), ("minimum", .number(range.lowerBound)),
        ("maximum", .number(range.upperBound)),
      ]
    case .text(let format):
      [("type", .text("string"))] + (format.pattern.map { [("pattern", .text($0))] } ?? [])
    case .choice(let choices): [("enum", .list(choices.map { .text($0) }))]
    case .guestID:
      [
        (
          "anyOf",
          .list([
            .object([("type", .text("integer"))] + Self.bounds(100...999_999_999)),
            .object(Shape.text(.guestID).schemaMembers),
          ])
        )
      ]
    case .array(let element): [("type", .text("array")), ("items", .object(element.schemaMembers))]
    case .map(let keys, let value, let named):
      [("type", .text("object"))]
        + (keys.pattern.map { [("propertyNames", .object([("pattern", .text($0))]))] } ?? [])
        + (named.isEmpty ? [] : [("properties", Self.properties(named))])
        + [("additionalProperties", .object(value.schemaMembers))]
    case .object(let object):
      [("type", .text("object")), ("properties", Self.properties(object.keys))] + Self.required(object.keys)
    case .either(let shapes): [("anyOf", .list(shapes.map { .object($0.schemaMembers) }))]
    }
  }

  private static func bounds(_ range: ClosedRange<Int>) -> [(String, SchemaValue)] {
    (range.lowerBound == .min ? [] : [("minimum", .integer(range.lowerBound))])
      + (range.upperBound == .max ? [] : [("maximum", .integer(range.upperBound))])
  }

  private static func properties(_ keys: [ShapeKey]) -> SchemaValue {
    .object(keys.map { ($0.name, .object([("description", .text($0.meaning))] + $0.shape.schemaMembers)) })
  }

  private static func required(_ keys: [ShapeKey]) -> [(String, SchemaValue)] {
    let names = keys.filter(\.isRequired).map { SchemaValue.text($0.name) }
    return names.isEmpty ? [] : [("required", .list(names))]
  }
}

/// A value of a schema.
private enum SchemaValue {
  case text(String)
  case integer(Int)
  case number(Double)
  case list([SchemaValue])
  case object([(String, SchemaValue)])

  /// The value as a node that stands nowhere.
  var node: Node {
    let nowhere = Location(file: "", line: 1, column: 1)
    switch self {
    case .text(let text): return Node(.string(text), at: nowhere)
    case .integer(let number): return Node(.integer(number), at: nowhere)
    case .number(let number): return Node(.number("\(number)"), at: nowhere)
    case .list(let values): return Node(.array(values.map(\.node)), at: nowhere)
    case .object(let members):
      return Node(
        .object(members.map { Node.Member(key: $0.0, keyLocation: nowhere, value: $0.1.node) }), at: nowhere)
    }
  }
}
