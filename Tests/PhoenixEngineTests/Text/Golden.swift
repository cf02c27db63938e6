import Glibc
import PhoenixHost
import Testing

/// Texts as they were judged right, in Goldens/NAME.txt. `PHOENIX_RECORD=1` writes them anew.
enum Golden {
  static func expect(_ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws
  {
    let path = directory + "/\(name).txt"
    if getenv("PHOENIX_RECORD") != nil {
      try AtomicFile.write(Array(text.utf8), to: path, mode: 0o644)
      return
    }
    let golden = String(decoding: try AtomicFile.read(path, limit: 1 << 20), as: UTF8.self)
    #expect(text == golden, sourceLocation: sourceLocation)
  }

  private static var directory: String {
    let parts = #filePath.split(separator: "/").dropLast(2)
    return "/" + parts.joined(separator: "/") + "/Goldens"
  }
}
