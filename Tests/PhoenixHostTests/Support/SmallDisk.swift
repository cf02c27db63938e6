import Glibc

/// A file system of a few kilobytes, to be filled. Only root may mount one.
final class SmallDisk: Sendable {
  let directory: TemporaryDirectory

  static var isPossible: Bool {
    guard geteuid() == 0, let directory = try? TemporaryDirectory() else { return false }
    return mount("none", directory.path, "tmpfs", 0, "size=64k") == 0 && umount(directory.path) == 0
  }

  init(bytes: Int) throws {
    directory = try TemporaryDirectory()
    guard mount("none", directory.path, "tmpfs", 0, "size=\(bytes)") == 0 else { throw NotMounted() }
  }

  deinit { umount2(directory.path, Int32(MNT_DETACH)) }

  struct NotMounted: Error {}
}
