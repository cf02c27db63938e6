/// The header lines of an answer, kept as they came and read when asked for.
public struct HTTPHeaders: Sendable, Hashable {
  private var block: [UInt8]

  /// Creates the header lines from their bytes, each line ended by CRLF or LF.
  public init(block: [UInt8] = []) { self.block = block }

  /// How many bytes they take.
  var byteCount: Int { block.count }

  mutating func append(line: UnsafeRawBufferPointer) { block.append(contentsOf: line) }

  /// The first value of a header, whatever the case of its name; nil when it did not come.
  public subscript(name: String) -> String? { values(of: name).first }

  /// All values of a header, in the order they came.
  public func values(of name: String) -> [String] {
    let wanted = Array(name.utf8)
    return block.split(separator: UInt8(ascii: "\n")).compactMap { line in
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")),
        line[..<colon].elementsEqual(wanted, by: { $0.loweredASCII == $1.loweredASCII })
      else { return nil }
      let value = line[line.index(after: colon)...]
      guard let first = value.firstIndex(where: { !$0.isHeaderSpace }),
        let last = value.lastIndex(where: { !$0.isHeaderSpace })
      else { return "" }
      return String(decoding: value[first...last], as: UTF8.self)
    }
  }
}

extension UInt8 {
  fileprivate var loweredASCII: UInt8 { (0x41...0x5A).contains(self) ? self | 0x20 : self }
  fileprivate var isHeaderSpace: Bool { self == 0x20 || self == 0x09 || self == 0x0D }
}
