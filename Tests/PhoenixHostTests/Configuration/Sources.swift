import Glibc
import PhoenixCore
import PhoenixHost
import Testing

/// Where the files of the sources are.
enum SourceTree {
  /// The root of the sources.
  static let root: String = {
    let parts = #filePath.split(separator: "/").dropLast(4)
    return "/" + parts.joined(separator: "/")
  }()

  /// Whether goldens are to be written instead of compared.
  static var isRecording: Bool { getenv("PHOENIX_RECORD") != nil }

  /// Compares a text with a golden file, or writes it when PHOENIX_RECORD is set.
  static func expectGolden(_ path: String, is text: String, sourceLocation: SourceLocation = #_sourceLocation)
    throws
  {
    let golden = "\(root)/\(path)"
    if isRecording { try AtomicFile.write(Array(text.utf8), to: golden, mode: 0o644) }
    let expected = (try? AtomicFile.read(golden, limit: 16 << 20)).map { String(decoding: $0, as: UTF8.self) }
    #expect(text == expected, "\(path): record with PHOENIX_RECORD=1", sourceLocation: sourceLocation)
  }
}
