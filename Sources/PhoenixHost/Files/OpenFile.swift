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

  /// The status of a regular file; anything else is `.unsuitable`.
  @discardableResult
  func regularStatus() throws(FileError) -> stat {
    let status = try status()
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .unsuitable(path: path, reason: "is no regular file")
    }
    return status
  }

  /// Reads to the end, at most `limit` bytes.
  func read(limit: Int) throws(FileError) -> [UInt8] {
    var bytes: [UInt8] = []
    var failed: Int32?
    withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 16) { chunk in
      while bytes.count <= limit {
        let count = Glibc.read(descriptor, chunk.baseAddress, chunk.count)
        if count < 0 && errno == EINTR { continue }
        if count < 0 { failed = errno }
        guard count > 0 else { return }
        bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: chunk[..<count]))
      }
    }
    if let failed { throw FileError.from("read", path, code: failed) }
    guard bytes.count <= limit else { throw .tooLarge(path: path, limit: limit) }
    return bytes
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
