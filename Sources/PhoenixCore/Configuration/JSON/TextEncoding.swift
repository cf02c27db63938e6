/// What the first bytes of a file say about what it is.
enum TextEncoding {
  case utf8
  /// UTF-8 behind a byte order mark of three bytes.
  case utf8WithMark
  /// Something that is not to be read as text.
  case refused(message: String, hint: String)

  /// Looks at the beginning of a file.
  init(of bytes: UnsafeRawBufferPointer) {
    if bytes.count > JSONText.sizeLimit {
      self = .refused(
        message: "the file is larger than \(JSONText.sizeLimit >> 20) MiB",
        hint: "no configuration is that large; is it another file's name?")
    } else if bytes.starts(with: [0xef, 0xbb, 0xbf]) {
      self = .utf8WithMark
    } else if bytes.starts(with: [0xff, 0xfe]) || bytes.starts(with: [0xfe, 0xff])
      || Self.looksLikeUTF16(bytes)
    {
      self = .refused(
        message: "the file is UTF-16 or UTF-32, and JSON is UTF-8", hint: "save it as UTF-8: iconv -t UTF-8")
    } else if let odd = bytes.prefix(1024).first(where: {
      $0 < 0x20 && ![0x09, 0x0a, 0x0c, 0x0d].contains($0)
    }) {
      self = .refused(
        message: "the file is binary: it holds the byte 0x\(String(odd, radix: 16))",
        hint: "put the JSON text here, or take the file away")
    } else {
      self = .utf8
    }
  }

  /// JSON begins with an ASCII character, so a zero among the first two bytes gives other encodings away.
  private static func looksLikeUTF16(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count >= 4 else { return false }
    let zeros = bytes.prefix(4).map { $0 == 0 }
    return [
      [true, false, true, false], [false, true, false, true], [false, true, true, true],
      [true, true, true, false],
    ]
    .contains(zeros)
  }
}
