import FoundationEssentials
import Glibc

/// A file system of a few kilobytes, to be filled. Only root may mount one.
final class SmallDisk: Sendable {
  private let directory: TemporaryDirectory

  var path: String { directory.path }

  static var isPossible: Bool {
    guard geteuid() == 0, let directory = try? TemporaryDirectory() else { return false }
    return mount("none", directory.path, "tmpfs", 0, "size=64k") == 0 && umount(directory.path) == 0
  }

  init(kilobytes: Int) throws {
    directory = try TemporaryDirectory()
    guard mount("none", directory.path, "tmpfs", 0, "size=\(kilobytes)k") == 0 else {
      throw Trouble("no small disk: errno \(errno)")
    }
  }

  /// Writes until nothing more can be written.
  func fill() throws {
    let descriptor = open("\(path)/filler", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    guard descriptor >= 0 else { throw Trouble("the small disk cannot be filled") }
    defer { close(descriptor) }
    let chunk = [UInt8](repeating: 0, count: 512)
    while write(descriptor, chunk, chunk.count) > 0 {}
  }

  deinit { umount2(directory.path, Int32(MNT_DETACH)) }
}
