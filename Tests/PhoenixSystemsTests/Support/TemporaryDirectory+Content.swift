import FoundationEssentials
import Glibc

extension TemporaryDirectory {
  /// What stands below some directories: names, links, permissions, owners and content.
  func content(of directories: String...) throws -> [String] {
    try entries(directories).map { path, status in
      let isLink = status.st_mode & S_IFMT == S_IFLNK
      let isFile = status.st_mode & S_IFMT == S_IFREG
      let content =
        isLink
        ? try FileManager.default.destinationOfSymbolicLink(atPath: file(path))
        : isFile ? try Data(contentsOf: URL(filePath: file(path))).base64EncodedString() : "-"
      return "\(path) \(status.st_mode) \(status.st_uid):\(status.st_gid) \(content)"
    }
  }

  /// What changes with every write below some directories, also one of the same content.
  func marks(of directories: String...) throws -> [String] {
    try entries(directories).map { path, status in
      "\(path) \(status.st_ino) \(status.st_ctim.tv_sec).\(status.st_ctim.tv_nsec)"
    }
  }

  private func entries(_ directories: [String]) throws -> [(path: String, status: stat)] {
    try directories.flatMap { directory in
      let below = try FileManager.default.subpathsOfDirectory(atPath: file(directory))
      return ([directory] + below.map { "\(directory)/\($0)" }).sorted().map { path in
        var status = stat()
        lstat(file(path), &status)
        return (path, status)
      }
    }
  }
}
