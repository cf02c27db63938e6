/// What came of reading one file.
public struct ParsedFile: Sendable {
  /// The value of the file; nil when it could not be read as a whole.
  public let root: Node?
  /// What is wrong with it, in the order of the file.
  public let findings: [Finding]

  /// Creates the result of reading a file.
  public init(root: Node?, findings: [Finding]) {
    self.root = root
    self.findings = findings
  }
}

/// Strict JSON (RFC 8259) with the place of every value.
///
/// Time and memory are linear in the length of the text, whatever it holds.
public enum JSONText {
  /// Files with more bytes are refused: 16 MiB.
  public static let sizeLimit = 16 << 20
  /// Arrays and objects nested deeper are refused.
  public static let depthLimit = 128
  /// A file with more values is refused, which bounds the memory that 16 MiB of `[0,0,...` can take.
  public static let valueLimit = 1_000_000
  /// Further duplicate keys of one file are not listed.
  static let duplicateLimit = 100

  /// Reads a text. A syntax error ends it; duplicate keys are errors that do not.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - file: Its name, for the places of nodes and findings.
  /// - Returns: The value, nil after a syntax error; a value does not mean that there are no findings.
  public static func parse(_ bytes: [UInt8], file: String) -> ParsedFile {
    bytes.withUnsafeBytes { parse($0, file: file) }
  }

  /// Reads a text that need not be copied.
  ///
  /// - Parameters:
  ///   - bytes: The whole file; not kept.
  ///   - file: Its name, for the places of nodes and findings.
  /// - Returns: The value, nil after a syntax error; a value does not mean that there are no findings.
  public static func parse(_ bytes: UnsafeRawBufferPointer, file: String) -> ParsedFile {
    var findings: [Finding] = []
    var body = bytes[...]
    switch TextEncoding(of: bytes) {
    case .utf8: break
    case .utf8WithMark:
      body = body.dropFirst(3)
      findings.append(
        Finding(
          .warning, at: Location(file: file, line: 1, column: 1),
          "the file begins with a byte order mark, which JSON has not",
          hint: "save it as UTF-8 without BOM; it was read without it"))
    case .refused(let message, let hint):
      let start = Location(file: file, line: 1, column: 1)
      return ParsedFile(root: nil, findings: [Finding(.error, at: start, message, hint: hint)])
    }
    return body.withMemoryRebound(to: UInt8.self) { text in
      var parser = JSONParser(text, file: file)
      let root = parser.parse()
      return ParsedFile(root: root, findings: findings + parser.findings)
    }
  }
}
