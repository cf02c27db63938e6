import FoundationEssentials

/// JSON as the control interface and the command speak it.
public enum WireJSON {
  /// Encodes on one line; keys are in order, so that equal values are equal texts.
  public static func encode(_ value: some Encodable) -> [UInt8] { bytes(value, []) }

  /// Encodes on several lines, for people.
  public static func encodePretty(_ value: some Encodable) -> [UInt8] { bytes(value, .prettyPrinted) }

  /// Decodes; nil when it is not what it should be.
  public static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) -> Value? {
    try? JSONDecoder().decode(type, from: Data(bytes))
  }

  private static func bytes(_ value: some Encodable, _ more: JSONEncoder.OutputFormatting) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = more.union([.sortedKeys, .withoutEscapingSlashes])
    // Only a number that JSON does not have could fail, and reports hold none.
    return (try? encoder.encode(value)).map { Array($0) } ?? Array("null".utf8)
  }
}
