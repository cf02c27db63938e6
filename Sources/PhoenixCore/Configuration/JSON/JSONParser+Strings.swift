extension JSONParser {
  /// Reads a string; `next` is its opening quote.
  mutating func parseString() throws(Stop) -> String {
    let start = here
    position += 1
    let first = position
    while true {
      skipPlain()
      guard let byte = next else { break }
      switch byte {
      case UInt8(ascii: "\""):
        let content = UnsafeBufferPointer(rebasing: text[first..<position])
        position += 1
        return String(decoding: content, as: UTF8.self)
      case UInt8(ascii: "\\"):
        return try parseEscapedString(Array(text[first..<position]), from: start)
      default: try skipCharacter(byte, in: start)
      }
    }
    throw endInside("string", from: start)
  }

  /// Steps over what means nothing but itself: most of every file.
  private mutating func skipPlain() {
    while position < text.count {
      let byte = text[position]
      guard byte >= 0x20, byte < 0x80, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") else { return }
      position += 1
    }
  }

  /// Reads the rest of a string that holds a backslash.
  private mutating func parseEscapedString(_ begun: [UInt8], from start: Location) throws(Stop) -> String {
    var content = begun
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        return String(decoding: content, as: UTF8.self)
      case UInt8(ascii: "\\"):
        try parseEscape(into: &content, in: start)
      default:
        let first = position
        try skipCharacter(byte, in: start)
        content.append(contentsOf: text[first..<position])
      }
    }
    throw endInside("string", from: start)
  }

  /// Steps over one character of a string, which must be well-formed UTF-8 and no control character.
  private mutating func skipCharacter(_ byte: UInt8, in start: Location) throws(Stop) {
    if byte < 0x20 {
      if byte == 0x0a || byte == 0x0d {
        throw stop(
          at: here, "the line ends inside the string that begins at \(start)",
          hint: "close the string with '\"', or write \\n for a line break")
      }
      throw stop(
        at: here, "the control character 0x\(String(byte, radix: 16)) in a string",
        hint: byte == 0x09 ? "write \\t" : "take it out")
    }
    guard byte >= 0x80 else {
      position += 1
      return
    }
    guard let length = lengthOfCharacter() else {
      throw stop(
        at: here, "the byte 0x\(String(byte, radix: 16)) is not UTF-8",
        hint: "save the file as UTF-8; it may be Latin-1")
    }
    position += length
    lineStart += length - 1
  }

  /// The bytes of the well-formed character of more than one byte that is read next (Unicode, table 3-7).
  private func lengthOfCharacter() -> Int? {
    let first = text[position]
    let (length, second): (Int, ClosedRange<UInt8>) =
      switch first {
      case 0xc2...0xdf: (2, 0x80...0xbf)
      case 0xe0: (3, 0xa0...0xbf)
      case 0xed: (3, 0x80...0x9f)
      case 0xe1...0xef: (3, 0x80...0xbf)
      case 0xf0: (4, 0x90...0xbf)
      case 0xf1...0xf3: (4, 0x80...0xbf)
      case 0xf4: (4, 0x80...0x8f)
      default: (0, 0...0)
      }
    guard length > 0, position + length <= text.count, second.contains(text[position + 1]) else { return nil }
    for offset in 2..<max(length, 2) where text[position + offset] & 0xc0 != 0x80 { return nil }
    return length
  }

  private mutating func parseEscape(into content: inout [UInt8], in start: Location) throws(Stop) {
    let place = here
    position += 1
    guard let letter = next else { throw endInside("string", from: start) }
    position += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(letter)
    case UInt8(ascii: "b"): content.append(0x08)
    case UInt8(ascii: "f"): content.append(0x0c)
    case UInt8(ascii: "n"): content.append(0x0a)
    case UInt8(ascii: "r"): content.append(0x0d)
    case UInt8(ascii: "t"): content.append(0x09)
    case UInt8(ascii: "u"):
      let scalar = try parseScalar(at: place)
      content.append(contentsOf: String(Character(scalar)).utf8)
    default:
      position -= 1
      throw stop(
        at: place, "JSON has no escape of \\ and \(describeNext())", hint: "write \\\\ for a backslash")
    }
  }

  /// Reads what follows `\u`, and the second half of a surrogate pair.
  private mutating func parseScalar(at place: Location) throws(Stop) -> Unicode.Scalar {
    let unit = try parseHexDigits(at: place)
    if let scalar = Unicode.Scalar(unit) { return scalar }
    if unit < 0xdc00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) {
      let second = try parseHexDigits(at: place)
      if (0xdc00...0xdfff).contains(second),
        let scalar = Unicode.Scalar(0x10000 + (unit - 0xd800) << 10 + (second - 0xdc00))
      {
        return scalar
      }
    }
    throw stop(at: place, "half of a surrogate pair", hint: "write the character itself")
  }

  private mutating func parseHexDigits(at place: Location) throws(Stop) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
        throw stop(at: place, "\\u needs four hexadecimal digits")
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }
}
