import Glibc

/// A file that is opened while the process may, to be written when it may not any more.
///
/// It cannot be replaced as a whole, as `AtomicFile` does: that takes rights to its directory. What is there stays
/// until the new content comes; a stop amid the write leaves a part of that.
public final class HeldFile: Sendable {
  private let file: OpenFile

  /// Opens or creates a file.
  ///
  /// - Parameters:
  ///   - path: Where; a symbolic link is not followed.
  ///   - mode: Its permissions.
  /// - Throws: `.unsuitable` for what is no regular file, or what the system said.
  public init(_ path: String, mode: UInt32 = 0o600) throws(FileError) {
    let file = try OpenFile(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK, mode: 0o600)
    try file.regularStatus()
    guard fchmod(file.descriptor, mode) == 0 else { throw FileError.from("chmod", path, code: errno) }
    self.file = file
  }

  /// Writes the content, in place of what was there. Blocks on the disk.
  public func write(_ bytes: [UInt8]) throws(FileError) {
    guard lseek(file.descriptor, 0, SEEK_SET) == 0, ftruncate(file.descriptor, 0) == 0 else {
      throw FileError.from("truncate", file.path, code: errno)
    }
    try file.write(bytes)
    try file.sync()
  }
}
