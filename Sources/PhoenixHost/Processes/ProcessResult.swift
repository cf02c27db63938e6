/// How a program ended.
public enum ProcessStatus: Hashable, Sendable {
  /// By itself, with this status.
  case exited(Int32)
  /// By this signal.
  case signaled(Int32)
  /// It was ended because its time was over.
  case timedOut
  /// It was ended because the task that ran it was cancelled.
  case cancelled

  /// Whether it ended by itself with status 0.
  public var isSuccess: Bool { self == .exited(0) }
}

/// What a program did.
public struct ProcessResult: Hashable, Sendable {
  /// How it ended.
  public let status: ProcessStatus
  /// What it wrote, or the end of it.
  public let stdout: [UInt8]
  /// What it wrote as errors, or the end of it.
  public let stderr: [UInt8]
  /// Whether the beginning of `stdout` is missing.
  public let stdoutTruncated: Bool

  /// Creates a result.
  public init(
    status: ProcessStatus, stdout: [UInt8] = [], stderr: [UInt8] = [], stdoutTruncated: Bool = false
  ) {
    self.status = status
    self.stdout = stdout
    self.stderr = stderr
    self.stdoutTruncated = stdoutTruncated
  }

  /// The output as text; wrong UTF-8 is replaced.
  public var text: String { String(decoding: stdout, as: UTF8.self) }

  /// How it ended and what it said last, in one line for people: `status 1: no such file`.
  public var account: String {
    let end =
      switch status {
      case .exited(let code): "status \(code)"
      case .signaled(let signal): "signal \(signal)"
      case .timedOut: "time is over"
      case .cancelled: "cancelled"
      }
    let said = String(decoding: stderr.isEmpty ? stdout.suffix(500) : stderr.suffix(500), as: UTF8.self)
    let words = said.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return words.isEmpty ? end : "\(end): \(words)"
  }
}
