import Glibc
import PhoenixHost

/// The file of `phoenix plan --out`.
///
/// Root without the daemon is somebody else by the time there is a plan, who may not write where root may: the file
/// is opened before that.
struct PlanFile: Sendable {
  private let path: String
  private let held: HeldFile?

  /// Chooses the file; open it before the way to what keeps the systems.
  ///
  /// - Throws: When it could not be written later.
  init(_ path: String, standalone: Bool) throws(CommandError) {
    self.path = path
    try Self.check(path)
    guard standalone, geteuid() == 0 else {
      held = nil
      return
    }
    do throws(FileError) {
      held = try HeldFile(path)
    } catch {
      throw Self.error(error)
    }
  }

  func write(_ bytes: [UInt8]) throws(CommandError) {
    do throws(FileError) {
      if let held { try held.write(bytes) } else { try AtomicFile.write(bytes, to: path) }
    } catch {
      throw Self.error(error)
    }
  }

  /// A plan takes the place of a plan, and of nothing else: what is renamed over a device is the end of it.
  private static func check(_ path: String) throws(CommandError) {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG else { return }
    throw error(.unsuitable(path: path, reason: "is no regular file"))
  }

  private static func error(_ error: FileError) -> CommandError {
    CommandError(error.failure(doing: "save the plan"))
  }
}
