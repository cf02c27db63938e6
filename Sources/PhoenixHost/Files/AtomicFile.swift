import Glibc

/// Files that are whole at every moment, whatever stops the process or the machine.
public enum AtomicFile {
  /// Replaces a file by a whole new one: temporary in the same directory, fsync, rename, fsync of the directory.
  ///
  /// Blocks on the disk: call it on a queue of its own.
  ///
  /// - Parameters:
  ///   - bytes: The new content.
  ///   - path: Where. What is there may be absent.
  ///   - mode: Its permissions, from its birth; the process's umask does not matter.
  ///   - counter: Counts the write.
  /// - Throws: `.full` when there is no room; the old file is untouched then.
  public static func write(
    _ bytes: [UInt8], to path: String, mode: UInt32 = 0o600, counter: WriteCounter? = nil
  ) throws(FileError) {
    let temporary = try writeTemporary(bytes, beside: path, mode: mode)
    do throws(FileError) {
      try rename(temporary, to: path)
    } catch {
      unlink(temporary)
      throw error
    }
    try syncDirectory(of: path)
    counter?.count()
  }

  /// Reads a whole file.
  ///
  /// - Parameters:
  ///   - path: Where; a symbolic link is followed.
  ///   - limit: The most bytes it may hold.
  /// - Returns: Its content.
  /// - Throws: `.missing`, `.tooLarge`, `.unsuitable` for what is no regular file, or what the system said.
  public static func read(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
    let file = try OpenFile(path, O_RDONLY | O_NONBLOCK)
    try file.regularStatus()
    return try file.read(limit: limit)
  }

  /// Writes a complete, synced temporary file with a fixed name: one left over by a kill is replaced, so that
  /// they never pile up.
  static func writeTemporary(_ bytes: [UInt8], beside path: String, mode: UInt32) throws(FileError) -> String
  {
    let temporary = "\(path).new"
    if unlink(temporary) != 0 && errno != ENOENT { throw FileError.from("unlink", temporary, code: errno) }
    do throws(FileError) {
      let file = try OpenFile(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
      try file.write(bytes)
      guard fchmod(file.descriptor, mode) == 0 else {
        throw FileError.from("chmod", temporary, code: errno)
      }
      try file.sync()
    } catch {
      unlink(temporary)
      throw error
    }
    return temporary
  }

  static func rename(_ from: String, to: String) throws(FileError) {
    guard Glibc.rename(from, to) == 0 else { throw FileError.from("rename", to, code: errno) }
  }

  /// Makes renames within the file's directory last through a power cut.
  static func syncDirectory(of path: String) throws(FileError) {
    let slash = path.lastIndex(of: "/")
    let directory = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let file = try OpenFile(directory, O_RDONLY | O_DIRECTORY)
    try file.sync()
  }
}
