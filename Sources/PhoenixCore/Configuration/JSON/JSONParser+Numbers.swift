extension JSONParser {
  /// Reads a number: an Int where it is one, else its text.
  mutating func parseNumber() throws(Stop) -> Node.Content {
    let start = here
    let first = position
    _ = take(UInt8(ascii: "-"))
    let leading = next
    let digits = skipDigits()
    guard digits > 0 else { throw stop(at: start, "a number needs a digit after its sign") }
    if leading == UInt8(ascii: "0"), digits > 1 {
      throw stop(at: start, "a number must not begin with 0", hint: "write it without the 0, or as a string")
    }
    var isWhole = true
    if take(UInt8(ascii: ".")) {
      isWhole = false
      guard skipDigits() > 0 else { throw stop(at: start, "a number needs a digit after its point") }
    }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      isWhole = false
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      guard skipDigits() > 0 else { throw stop(at: start, "a number needs a digit in its exponent") }
    }
    if isWordByte(at: position) {
      throw stop(
        at: start, "\(quoted(word(from: first))) is no number", hint: "put it in double quotes if it is text")
    }
    let written = String(decoding: UnsafeBufferPointer(rebasing: text[first..<position]), as: UTF8.self)
    if isWhole, let number = Int(written) { return .integer(number) }
    return .number(written)
  }

  /// Takes digits, and says how many.
  private mutating func skipDigits() -> Int {
    let first = position
    while let byte = next, isDigit(byte) { position += 1 }
    return position - first
  }

  private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
