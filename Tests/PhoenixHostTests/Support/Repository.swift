import FoundationEssentials
import Glibc

/// The files of the project, and the tools of this machine.
enum Repository {
  static func path(_ name: String) -> String {
    let root = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    return "/\(root)/\(name)"
  }

  static func file(_ name: String) -> URL { URL(filePath: path(name)) }

  static func hasTool(_ name: String) -> Bool {
    ["/usr/sbin", "/usr/bin", "/sbin", "/bin"].contains { access("\($0)/\(name)", X_OK) == 0 }
  }
}
