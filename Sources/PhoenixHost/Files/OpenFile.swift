import Glibc

/// An open descriptor that is closed when it goes out of scope.
struct OpenFile: ~Copyable {
  let descriptor: Int32
  let path: String

  /// Opens a file, close-on-exec.
  init(_ path: String, _ flags: Int32, mode: mode_t = 0) throws(FileError) {
    var descriptor: Int32
    repeat { descriptor = open(path, flags | O_CLOEXEC, mode) } while descriptor < 0 && errno == EINTR
    guard descriptor >= 0 else { throw FileError.from("open", path, code: errno) }
    self.descriptor = descriptor
    self.path = path
  }

  deinit { close(descriptor) }

  func status() throws(FileError) -> stat {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileError.from("stat", path, code: errno) }
    return status
  }

  /// Reads to the end, at most `limit` bytes.
  func read(limit: Int) throws(FileError) -> [UInt8] {
    var bytes: [UInt8] = []
    let chunk = 65_536
    while true {
      let room = min(chunk, limit + 1 - bytes.count)
      let start = bytes.count
      bytes.append(contentsOf: repeatElement(0, count: room))
      let count = bytes.withUnsafeMutableBytes {
        Glibc.read(descriptor, $0.baseAddress?.advanced(by: start), room)
      }
      let code = errno
      bytes.removeLast(room - max(0, count))
      if count < 0 && code == EINTR { continue }
      guard count >= 0 else { throw FileError.from("read", path, code: code) }
      if count == 0 { return bytes }
      guard bytes.count <= limit else { throw .tooLarge(path: path, limit: limit) }
    }
  }

  func write(_ bytes: [UInt8]) throws(FileError) {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress?.advanced(by: written), bytes.count - written)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw FileError.from("write", path, code: count < 0 ? errno : EIO) }
      written += count
    }
  }

  /// Waits until everything written is on the disk.
  func sync() throws(FileError) {
    guard fsync(descriptor) == 0 else { throw FileError.from("fsync", path, code: errno) }
  }
}
