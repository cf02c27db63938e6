/// What people get wrong in JSON, told so that they find it.
extension JSONParser {
  /// The text ended inside something.
  mutating func endInside(_ what: String, from start: Location) -> Stop {
    stop(
      at: here, "the file ends inside the \(what) that begins at \(start)",
      hint: "it may be cut off: compare it with your copy")
  }

  /// Something stands where a value should.
  mutating func noValue() -> Stop {
    let place = here
    let word = word(from: position)
    let hint: String? =
      switch word.lowercased() {
      case "true", "false", "null": "JSON writes it in small letters"
      case "none", "nil", "undefined": "write null, or leave the key out"
      case "nan", "infinity": "JSON has no such number"
      case "": next.flatMap(hintForPunctuation)
      default: "put text in double quotes"
      }
    return stop(
      at: place, "expected a value, found \(word.isEmpty ? describeNext() : quoted(word))", hint: hint)
  }

  /// Something stands where a key should.
  mutating func noKey(in start: Location) -> Stop {
    if next == nil { return endInside("object", from: start) }
    let word = word(from: position)
    let hint = word.isEmpty ? next.flatMap(hintForPunctuation) : "put keys in double quotes"
    return stop(
      at: here, "expected a key in double quotes, found \(word.isEmpty ? describeNext() : quoted(word))",
      hint: hint)
  }

  /// Neither a comma nor the closing bracket follows a value.
  mutating func noSeparator(_ close: String, in what: String, from start: Location) -> Stop {
    guard let byte = next else { return endInside(what, from: start) }
    let hint =
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "{"), UInt8(ascii: "["):
        "a comma is missing after the value before it"
      default: hintForPunctuation(byte)
      }
    return stop(
      at: here, "expected ',' or '\(close)' in the \(what) that begins at \(start), found \(describeNext())",
      hint: hint)
  }

  mutating func trailingComma(at comma: Location, before close: String) -> Stop {
    stop(at: comma, "a comma with nothing after it before '\(close)'", hint: "take the comma away")
  }

  private func hintForPunctuation(_ byte: UInt8) -> String? {
    switch byte {
    case UInt8(ascii: "/"), UInt8(ascii: "#"): "JSON has no comments"
    case UInt8(ascii: "'"): "JSON has double quotes only"
    case UInt8(ascii: "+"), UInt8(ascii: "."): "a number begins with a digit or '-'"
    case 0x80...: "only strings hold characters beyond ASCII; curly quotes are none"
    default: nil
    }
  }

  /// The character that is read next, as people see it.
  func describeNext() -> String {
    guard let byte = next else { return "the end of the file" }
    if byte == UInt8(ascii: "'") { return "\"'\"" }
    if (0x21...0x7e).contains(byte) { return "'\(Character(Unicode.Scalar(byte)))'" }
    let rest = text[position..<min(position + 4, text.count)]
    if byte >= 0x80, let scalar = String(decoding: rest, as: UTF8.self).unicodeScalars.first,
      scalar != "\u{fffd}"
    {
      return "'\(scalar)'"
    }
    return "the byte 0x\(String(byte, radix: 16))"
  }

  /// The letters and digits from a place on, at most 40.
  func word(from first: Int) -> String {
    var end = first
    while end - first < 40, isWordByte(at: end) { end += 1 }
    return String(decoding: UnsafeBufferPointer(rebasing: text[first..<end]), as: UTF8.self)
  }

  /// A text in double quotes, shortened.
  func quoted(_ text: String) -> String { text.quotedForPeople }
}
