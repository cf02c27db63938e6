import Glibc
import PhoenixHost
import Testing

/// Texts that are kept as files, to be read by people and compared by tests.
enum Golden {
  /// Compares a text with a file of the project, or writes it when PHOENIX_RECORD is set.
  static func expect(
    _ name: String, is text: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let path = Repository.path(name)
    if getenv("PHOENIX_RECORD") != nil { try AtomicFile.write(Array(text.utf8), to: path, mode: 0o644) }
    let kept = (try? AtomicFile.read(path, limit: 16 << 20)).map { String(decoding: $0, as: UTF8.self) }
    #expect(text == kept, "\(name): record with PHOENIX_RECORD=1", sourceLocation: sourceLocation)
  }
}
