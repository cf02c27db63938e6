extension StringProtocol {
  /// The parts between the places where a character of ASCII stands, empty ones too. Text is cut by bytes, which
  /// takes a part of the time that cutting by characters does.
  func parts(between separator: Unicode.Scalar) -> [SubSequence] {
    var parts: [SubSequence] = []
    var start = startIndex
    while let end = utf8[start...].firstIndex(of: UInt8(ascii: separator)) {
      parts.append(self[start..<end])
      start = utf8.index(after: end)
    }
    return parts + [self[start...]]
  }
}
