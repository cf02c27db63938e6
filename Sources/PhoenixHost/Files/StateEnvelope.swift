import PhoenixCore

/// How a record stands in its file: one line that proves the rest, then the rest.
///
/// `phoenix-state 1 SCHEMA LENGTH SHA256\n` and the payload. A file that was torn, truncated or changed does not
/// match its line.
enum StateEnvelope {
  private static let format = "phoenix-state 1"

  /// What a file turned out to be.
  enum Opened: Equatable {
    case payload([UInt8])
    /// Whole, and of another schema.
    case otherSchema(Int)
    case damaged(String)
  }

  static func seal(_ payload: [UInt8], schema: Int) -> [UInt8] {
    let head = "\(format) \(schema) \(payload.count) \(SHA256.hexDigest(of: payload))\n"
    return Array(head.utf8) + payload
  }

  /// The first line; it tells a record from any other.
  static func head(of sealed: [UInt8]) -> [UInt8] {
    Array(sealed.prefix { $0 != 0x0A })
  }

  static func open(_ bytes: [UInt8], schema: Int) -> Opened {
    guard let end = bytes.prefix(200).firstIndex(of: 0x0A) else { return .damaged("it has no first line") }
    let words = String(decoding: bytes[..<end], as: UTF8.self).split(separator: " ")
    guard words.count == 5, words[0] + " " + words[1] == format, let found = Int(words[2]),
      let length = Int(words[3])
    else { return .damaged("its first line is not of a Phoenix record") }
    let payload = Array(bytes[(end + 1)...])
    guard payload.count == length else {
      return .damaged("it holds \(payload.count) bytes of \(length)")
    }
    guard SHA256.hexDigest(of: payload) == words[4] else { return .damaged("its checksum does not match") }
    return found == schema ? .payload(payload) : .otherSchema(found)
  }
}
