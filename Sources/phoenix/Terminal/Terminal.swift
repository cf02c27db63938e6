import Glibc
import PhoenixCore

/// The command's standard streams.
enum Terminal {
  /// Writes a result to stdout; when nobody reads it any more, the command ends.
  static func write(_ text: String) { write(Array(text.utf8)) }

  /// Writes a result to stdout; when nobody reads it any more, the command ends.
  static func write(_ bytes: [UInt8]) {
    if !put(bytes, STDOUT_FILENO) { exit(ExitStatus.failed) }
  }

  /// Tells something on stderr that is not the result.
  static func tell(_ text: String) { _ = put(Array(text.utf8), STDERR_FILENO) }

  /// How text on a stream is dressed: `--color`, then NO_COLOR, then whether it is a terminal.
  static func style(_ choice: GlobalOptions.Colour, descriptor: Int32 = STDOUT_FILENO) -> TextStyle {
    switch choice {
    case .always: return TextStyle(isColoured: true)
    case .never: return .plain
    case .auto:
      let isRefused = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
      return TextStyle(isColoured: !isRefused && isatty(descriptor) == 1)
    }
  }

  private static func put(_ bytes: [UInt8], _ descriptor: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
}
