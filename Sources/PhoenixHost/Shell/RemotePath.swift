public import PhoenixCore

/// Which paths may be named to a guest.
public enum RemotePath {
  /// Refuses a path that is not absolute and plain.
  ///
  /// - Parameter path: A path on a guest.
  /// - Throws: A permanent failure for a relative path, `..`, `.`, an empty part, a control character, or more
  ///   than 4000 bytes.
  public static func check(_ path: String) throws(Failure) {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
    let plain =
      path.hasPrefix("/") && path.utf8.count <= 4000
      && parts.allSatisfy { $0 != ".." && $0 != "." && !$0.isEmpty }
      && path.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    guard plain else { throw refusal(path, expected: "an absolute path without '..'") }
  }

  /// Refuses what is no plain name of a file: letters, digits, `.`, `-`, `_`, beginning with none of these.
  static func checkName(_ name: String) throws(Failure) {
    let plain =
      !name.isEmpty && name.utf8.count <= 100 && !name.hasPrefix(".") && !name.hasPrefix("-")
      && name.utf8.allSatisfy { isNameByte($0) }
    guard plain else { throw refusal(name, expected: "a plain name of letters, digits, '.', '-' and '_'") }
  }

  /// Refuses what is no `user` or `user:group`.
  static func checkOwner(_ owner: String) throws(Failure) {
    let parts = owner.split(separator: ":", omittingEmptySubsequences: false)
    let plain =
      (1...2).contains(parts.count)
      && parts.allSatisfy { !$0.isEmpty && !$0.hasPrefix("-") && $0.utf8.allSatisfy { isNameByte($0) } }
    guard plain else { throw refusal(owner, expected: "user:group") }
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
    default: false
    }
  }

  private static func refusal(_ text: String, expected: String) -> Failure {
    let shown = String(
      String.UnicodeScalarView(
        text.unicodeScalars.prefix(200).map {
          $0.properties.generalCategory == .control ? "?" : $0
        }))
    return Failure(.permanent, doing: "name a file on a guest", expected: expected, got: "'\(shown)'")
  }
}
