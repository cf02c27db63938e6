/// One run over a text, by recursion that `JSONText.depthLimit` bounds.
struct JSONParser {
  /// A syntax error, already among the findings.
  struct Stop: Error {}

  let text: UnsafeBufferPointer<UInt8>
  let file: String
  var position = 0
  var line = 1
  /// What to take from `position` to get the column: the start of the line, moved on by one for each byte that
  /// continues a character.
  var lineStart = 0
  private(set) var findings: [Finding] = []
  private var values = 0
  private var duplicates = 0

  init(_ text: UnsafeBufferPointer<UInt8>, file: String) {
    self.text = text
    self.file = file
  }

  /// The place that is read next.
  var here: Location { Location(file: file, line: line, column: position - lineStart + 1) }

  /// The byte that is read next; nil at the end.
  var next: UInt8? { position < text.count ? text[position] : nil }

  mutating func parse() -> Node? {
    do throws(Stop) {
      skipSpace()
      if next == nil {
        throw stop(
          at: Location(file: file, line: 1, column: 1), "the file is empty",
          hint: "write {} for a part that you do not use, or take the file away")
      }
      let root = try parseValue(depth: 0)
      skipSpace()
      if next != nil {
        throw stop(at: here, "\(describeNext()) after the end of the value", hint: "a file holds one value")
      }
      return root
    } catch {
      return nil
    }
  }

  /// Records a syntax error.
  mutating func stop(at location: Location, _ message: String, hint: String? = nil) -> Stop {
    findings.append(Finding(.error, at: location, message, hint: hint))
    return Stop()
  }

  mutating func skipSpace() {
    while position < text.count {
      switch text[position] {
      case 0x20, 0x09, 0x0d: position += 1
      case 0x0a:
        position += 1
        line += 1
        lineStart = position
      default: return
      }
    }
  }

  private mutating func parseValue(depth: Int) throws(Stop) -> Node {
    let start = here
    values += 1
    guard values <= JSONText.valueLimit else {
      throw stop(at: start, "the file holds more than \(JSONText.valueLimit) values")
    }
    switch next {
    case UInt8(ascii: "{"): return Node(.object(try parseObject(from: start, depth: depth + 1)), at: start)
    case UInt8(ascii: "["): return Node(.array(try parseArray(from: start, depth: depth + 1)), at: start)
    case UInt8(ascii: "\""): return Node(.string(try parseString()), at: start)
    case UInt8(ascii: "-"), .some(0x30...0x39): return Node(try parseNumber(), at: start)
    default:
      if take("true") { return Node(.bool(true), at: start) }
      if take("false") { return Node(.bool(false), at: start) }
      if take("null") { return Node(.null, at: start) }
      throw noValue()
    }
  }

  private mutating func parseArray(from start: Location, depth: Int) throws(Stop) -> [Node] {
    try enter(depth, at: start)
    var elements: [Node] = []
    skipSpace()
    if take(UInt8(ascii: "]")) { return elements }
    while true {
      elements.append(try parseValue(depth: depth))
      skipSpace()
      if take(UInt8(ascii: "]")) { return elements }
      let comma = here
      guard take(UInt8(ascii: ",")) else { throw noSeparator("]", in: "array", from: start) }
      skipSpace()
      if next == UInt8(ascii: "]") { throw trailingComma(at: comma, before: "]") }
      if next == nil { throw endInside("array", from: start) }
    }
  }

  private mutating func parseObject(from start: Location, depth: Int) throws(Stop) -> [Node.Member] {
    try enter(depth, at: start)
    var members: [Node.Member] = []
    var index: [String: Int] = [:]
    skipSpace()
    if take(UInt8(ascii: "}")) { return members }
    while true {
      let keyLocation = here
      guard next == UInt8(ascii: "\"") else { throw noKey(in: start) }
      let key = try parseString()
      skipSpace()
      guard take(UInt8(ascii: ":")) else {
        if next == nil { throw endInside("object", from: start) }
        throw stop(at: here, "expected ':' after the key \(quoted(key)), found \(describeNext())")
      }
      skipSpace()
      if next == nil { throw endInside("object", from: start) }
      let value = try parseValue(depth: depth)
      if let first = find(key, in: members, &index) {
        noteDuplicate(key, at: keyLocation, first: members[first].keyLocation)
      } else {
        members.append(Node.Member(key: key, keyLocation: keyLocation, value: value))
      }
      skipSpace()
      if take(UInt8(ascii: "}")) { return members }
      let comma = here
      guard take(UInt8(ascii: ",")) else { throw noSeparator("}", in: "object", from: start) }
      skipSpace()
      if next == UInt8(ascii: "}") { throw trailingComma(at: comma, before: "}") }
    }
  }

  /// Where a key stands already. Small objects are searched, larger ones indexed.
  private func find(_ key: String, in members: [Node.Member], _ index: inout [String: Int]) -> Int? {
    guard members.count >= 24 else { return members.firstIndex { $0.key == key } }
    for position in index.count..<members.count { index[members[position].key] = position }
    return index[key]
  }

  private mutating func noteDuplicate(_ key: String, at location: Location, first: Location) {
    duplicates += 1
    switch duplicates {
    case ...JSONText.duplicateLimit:
      findings.append(
        Finding(
          .error, at: location, "the key \(quoted(key)) is twice in this object; it first stands at \(first)",
          hint: "keep one of them"))
    case JSONText.duplicateLimit + 1:
      findings.append(
        Finding(
          .error, at: location, "there are more duplicate keys; they are not listed",
          hint: "mend what is listed, and the rest is told"))
    default: break
    }
  }

  private mutating func enter(_ depth: Int, at start: Location) throws(Stop) {
    guard depth <= JSONText.depthLimit else {
      throw stop(at: start, "nested deeper than \(JSONText.depthLimit) levels")
    }
    position += 1
  }

  mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    position += 1
    return true
  }

  /// Takes a word that no letter follows.
  private mutating func take(_ word: StaticString) -> Bool {
    let end = position + word.utf8CodeUnitCount
    guard end <= text.count, !isWordByte(at: end) else { return false }
    for offset in 0..<word.utf8CodeUnitCount where text[position + offset] != word.utf8Start[offset] {
      return false
    }
    position = end
    return true
  }

  func isWordByte(at index: Int) -> Bool {
    guard index < text.count else { return false }
    return switch text[index] {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"): true
    default: false
    }
  }
}
