import Glibc

/// A directory of its own for one test.
enum Scratch {
  /// Lends a fresh directory and removes it with all in it.
  static func with<Result>(_ use: (String) async throws -> Result) async throws -> Result {
    var template = Array("/tmp/phoenix-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Trouble("no scratch directory: errno \(errno)") }
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { remove(path) }
    return try await use(path)
  }

  /// Writes a text file.
  static func write(_ text: String, to path: String) throws { try write(bytes: Array(text.utf8), to: path) }

  /// Writes a file.
  static func write(bytes: [UInt8], to path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Trouble("cannot create \(path)") }
    defer { close(descriptor) }
    guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
      throw Trouble("cannot write \(path)")
    }
  }

  /// Reads a small file; nil when it is not there.
  static func read(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = Glibc.read(descriptor, &bytes, bytes.count)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }

  private static func remove(_ path: String) {
    guard let directory = opendir(path) else { return }
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { unlink("\(path)/\(name)") }
    }
    closedir(directory)
    rmdir(path)
  }
}

/// A test's own plumbing did not work.
struct Trouble: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
