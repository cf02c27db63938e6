import CLinux
import Glibc
public import PhoenixCore

/// The right to write, held by one process at a time.
///
/// A flock(2) on an open file: it ends with the process, however that ends, and no child inherits it.
public final class ProcessLock: Sendable {
  /// Who holds a lock, as far as the file tells.
  public struct Holder: Hashable, Sendable {
    /// Its process, where known.
    public let pid: Int32?
    /// What it is: `phoenixd`, `phoenix apply`.
    public let purpose: String?
  }

  /// How an attempt ended.
  public enum Attempt: Sendable {
    /// Held until the value is released.
    case acquired(ProcessLock)
    /// Somebody else has it: commands end with status 75.
    case held(by: Holder)
  }

  private let descriptor: Int32

  private init(descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// Tries to take the lock, without waiting.
  ///
  /// - Parameters:
  ///   - path: The lock's file; created when missing, never removed.
  ///   - purpose: What others are told while it is held.
  /// - Returns: The lock, or who holds it.
  /// - Throws: When the file cannot be opened.
  public static func acquire(_ path: String, purpose: String) throws(Failure) -> Attempt {
    let doing = "take the lock \(path)"
    let descriptor = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw FileError.from("open", path, code: errno).failure(doing: doing) }
    guard phoenix_lock_exclusive(descriptor) == 0 else {
      let code = errno
      defer { close(descriptor) }
      guard code == EWOULDBLOCK else {
        throw FileError.from("lock", path, code: code).failure(doing: doing)
      }
      return .held(by: holder(descriptor))
    }
    let lock = ProcessLock(descriptor: descriptor)
    // Only a courtesy to those who find it held: a full disk must not keep anybody from the lock.
    let note = Array("\(getpid()) \(purpose)\n".utf8)
    if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, note, note.count, 0) }
    return .acquired(lock)
  }

  private static func holder(_ descriptor: Int32) -> Holder {
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    let line = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).prefix { $0 != "\n" }
    let parts = line.split(separator: " ", maxSplits: 1)
    return Holder(
      pid: parts.first.flatMap { Int32($0) }, purpose: parts.count > 1 ? String(parts[1]) : nil)
  }
}
