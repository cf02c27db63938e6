import FoundationEssentials
import PhoenixCore

/// The shell script that looks at files on a guest, and the strict reader of what it prints.
enum ObservationScript {
  /// Arguments: LIMIT PATH of each file. Prints fields that end with NUL:
  /// `absent`, or `error TEXT`, or `present STAT SHA256 TARGET CONTENT` (the last two in base64), and `end`.
  ///
  /// What cannot be looked at is an error, never absent.
  static let text = #"""
    LC_ALL=C; export LC_ALL
    look() {
      if ! status=$(stat -c '%f %u %g %s %Y %U:%G' -- "$2" 2>&1); then
        case $status in
          *': No such file or directory'|*': Not a directory') printf 'absent\0' ;;
          *) printf 'error\0%s\0' "$status" ;;
        esac
        return
      fi
      hash=- target= content=
      if [ -L "$2" ]; then
        target=$(readlink -n -- "$2" | base64 -w 0)
      elif [ -f "$2" ]; then
        set -- "$1" "$2" $status
        if [ "$6" -le 67108864 ]; then
          if ! hash=$(sha256sum 2>&1 < "$2"); then
            printf 'error\0%s\0' "${hash:-it cannot be read}"
            return
          fi
          hash=${hash%% *}
        fi
        if [ "$1" -gt 0 ]; then
          content=$(head -c "$1" < "$2" | base64 -w 0)
        fi
      fi
      printf 'present\0%s\0%s\0%s\0%s\0' "$status" "$hash" "$target" "$content"
    }
    while [ $# -gt 0 ]; do
      look "$1" "$2"
      shift 2
    done
    printf 'end\0'
    """#

  /// Why an answer cannot be understood.
  struct Garbled: Error, Equatable {
    let reason: String
  }

  /// Reads the script's answer.
  ///
  /// - Parameters:
  ///   - bytes: Foreign bytes.
  ///   - queries: What was asked, in order.
  /// - Returns: A reading for each, in order.
  /// - Throws: When anything is not as the script prints it.
  static func parse(
    _ bytes: [UInt8], queries: [FileQuery]
  ) throws(Garbled) -> [Reading<ObservedFile>] {
    guard bytes.last == 0 else { throw Garbled(reason: "it does not end with NUL") }
    var fields = bytes.dropLast().split(separator: 0, omittingEmptySubsequences: false)[...]
    func next() throws(Garbled) -> ArraySlice<UInt8> {
      guard let field = fields.popFirst() else { throw Garbled(reason: "it is cut short") }
      return field
    }
    var readings: [Reading<ObservedFile>] = []
    for query in queries {
      switch String(decoding: try next(), as: UTF8.self) {
      case "absent": readings.append(.absent)
      case "error":
        readings.append(.unreadable("\(query.path): \(String(decoding: try next(), as: UTF8.self))"))
      case "present":
        let (status, hash, target, content) = (try next(), try next(), try next(), try next())
        let file = try file(status: status, hash: hash, target: target, content: content, query: query)
        let whole = file.content.map { $0.count == min(file.size, query.contentLimit) } ?? true
        readings.append(whole ? .known(file) : .unreadable("\(query.path): it changed while it was read"))
      case let word: throw Garbled(reason: "'\(word.prefix(40))' where a state should stand")
      }
    }
    guard try next().elementsEqual("end".utf8), fields.isEmpty else {
      throw Garbled(reason: "something follows the last file")
    }
    return readings
  }

  private static func file(
    status: ArraySlice<UInt8>, hash: ArraySlice<UInt8>, target: ArraySlice<UInt8>,
    content: ArraySlice<UInt8>, query: FileQuery
  ) throws(Garbled) -> ObservedFile {
    let words = String(decoding: status, as: UTF8.self).split(
      separator: " ", omittingEmptySubsequences: false)
    guard words.count == 6, let mode = UInt32(words[0], radix: 16), let uid = UInt32(words[1]),
      let gid = UInt32(words[2]), let size = Int(words[3]), size >= 0, let modified = Int64(words[4])
    else { throw Garbled(reason: "'\(String(decoding: status.prefix(80), as: UTF8.self))' is no stat line") }
    let kind: ObservedFile.Kind
    switch mode & 0o170000 {
    case 0o100000: kind = .file
    case 0o040000: kind = .directory
    case 0o120000:
      guard let bytes = decodeBase64(target), let text = String(validating: bytes, as: UTF8.self),
        !text.isEmpty
      else { throw Garbled(reason: "a symbolic link without a readable target") }
      kind = .symbolicLink(target: text)
    default: kind = .other
    }
    return ObservedFile(
      kind: kind, mode: mode & 0o7777, uid: uid, gid: gid, owner: String(words[5]), size: size,
      modified: modified, sha256: try digest(hash),
      content: try contentBytes(content, kind: kind, limit: query.contentLimit))
  }

  private static func digest(_ field: ArraySlice<UInt8>) throws(Garbled) -> String? {
    if field.elementsEqual("-".utf8) { return nil }
    let isDigest =
      field.count == 64
      && field.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    guard isDigest else { throw Garbled(reason: "a checksum that is none") }
    return String(decoding: field, as: UTF8.self)
  }

  private static func contentBytes(
    _ field: ArraySlice<UInt8>, kind: ObservedFile.Kind, limit: Int
  ) throws(Garbled) -> [UInt8]? {
    guard limit > 0, kind == .file else {
      guard field.isEmpty else { throw Garbled(reason: "content that was not asked for") }
      return nil
    }
    guard let bytes = decodeBase64(field), bytes.count <= limit else {
      throw Garbled(reason: "content that is no base64, or too long")
    }
    return bytes
  }

  private static func decodeBase64(_ field: ArraySlice<UInt8>) -> [UInt8]? {
    Data(base64Encoded: Data(field)).map { Array($0) }
  }
}
