extension Node {
  /// The value as JSON with its keys sorted and no space, the same for every way of writing it.
  public var canonicalText: [UInt8] {
    var text: [UInt8] = []
    write(into: &text, isSorted: true, indentation: nil)
    return text
  }

  /// The value as JSON for people: two spaces a level, keys in their order, a line break at the end.
  public var prettyText: String {
    var text: [UInt8] = []
    write(into: &text, isSorted: false, indentation: 0)
    return String(decoding: text, as: UTF8.self) + "\n"
  }

  private func write(into text: inout [UInt8], isSorted: Bool, indentation: Int?) {
    switch content {
    case .null: text += "null".utf8
    case .bool(let value): text += "\(value)".utf8
    case .integer(let number): text += "\(number)".utf8
    case .number(let number): text += number.utf8
    case .string(let string): Self.write(string, into: &text)
    case .array(let elements):
      Self.write("[", elements, "]", into: &text, indentation) { element, inner, text in
        element.write(into: &text, isSorted: isSorted, indentation: inner)
      }
    case .object(let members):
      let members = isSorted ? members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) } : members
      Self.write("{", members, "}", into: &text, indentation) { member, inner, text in
        Self.write(member.key, into: &text)
        text += (inner == nil ? ":" : ": ").utf8
        member.value.write(into: &text, isSorted: isSorted, indentation: inner)
      }
    }
  }

  private static func write<Item>(
    _ open: String, _ items: [Item], _ close: String, into text: inout [UInt8], _ indentation: Int?,
    _ write: (Item, Int?, inout [UInt8]) -> Void
  ) {
    let inner = indentation.map { $0 + 2 }
    let breakLine = { (width: Int?, text: inout [UInt8]) in
      if let width { text += [0x0a] + [UInt8](repeating: 0x20, count: width) }
    }
    text += open.utf8
    for (index, item) in items.enumerated() {
      if index > 0 { text.append(UInt8(ascii: ",")) }
      breakLine(inner, &text)
      write(item, inner, &text)
    }
    if !items.isEmpty { breakLine(indentation, &text) }
    text += close.utf8
  }

  private static func write(_ string: String, into text: inout [UInt8]) {
    text.append(UInt8(ascii: "\""))
    defer { text.append(UInt8(ascii: "\"")) }
    if string.utf8.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
      text += string.utf8
      return
    }
    for byte in string.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): text += [UInt8(ascii: "\\"), byte]
      case 0x0a: text += "\\n".utf8
      case 0x09: text += "\\t".utf8
      case 0..<0x20:
        let digits = String(byte, radix: 16)
        text += "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8
      default: text.append(byte)
      }
    }
  }
}
