import Glibc

/// What the system says about an error number.
enum ErrorText {
  /// The text of an error number, such as `No such file or directory`.
  static func of(_ number: Int32) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
      guard let base = buffer.baseAddress, strerror_r(number, base, buffer.count) == 0 else {
        return "error \(number)"
      }
      return String(cString: base)
    }
  }
}
