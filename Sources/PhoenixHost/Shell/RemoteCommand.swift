public import PhoenixCore

/// The one string that sshd hands to the user's shell.
public enum RemoteCommand {
  /// The longest string: the kernel takes 128 KiB as one argument.
  static let limit = 120_000

  /// Quotes words so that a POSIX shell reads exactly them.
  ///
  /// - Parameter words: Any text without NUL.
  /// - Returns: The words in single quotes, with spaces between.
  /// - Throws: A permanent failure when a word holds a NUL, which no argument can.
  public static func quote(_ words: [String]) throws(Failure) -> String {
    guard !words.contains(where: { $0.utf8.contains(0) }) else {
      throw Failure(.permanent, doing: "quote a command", got: "an argument holds a NUL")
    }
    var line: [UInt8] = []
    for word in words {
      if !line.isEmpty { line.append(0x20) }
      line.append(0x27)
      for byte in word.utf8 {
        if byte == 0x27 { line += [0x27, 0x5C, 0x27, 0x27] } else { line.append(byte) }
      }
      line.append(0x27)
    }
    return String(decoding: line, as: UTF8.self)
  }

  /// The whole string for a command.
  ///
  /// timeout(1) ends the command on the guest when its time is over: cutting the connection would leave it
  /// running there. A status of 255 becomes 254, so that 255 is always ssh's own.
  static func line(_ argv: [String], sudo: Bool, timeout: Duration) throws(Failure) -> String {
    let seconds = max(1, (timeout.wholeMilliseconds + 999) / 1000)
    let prefix = (sudo ? ["sudo", "-n", "--"] : []) + ["timeout", "-k", "5", String(seconds)]
    let line = try quote(prefix + argv) + #" || { s=$?; [ "$s" -ne 255 ] || s=254; exit "$s"; }"#
    guard line.utf8.count <= Self.limit else {
      throw Failure(
        .permanent, doing: "run a command over SSH", expected: "at most \(Self.limit) bytes",
        got: "a command of \(line.utf8.count)")
    }
    return line
  }
}
