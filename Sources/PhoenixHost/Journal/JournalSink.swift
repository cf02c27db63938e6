import CSystemd
import Glibc

/// Where lines go. Called on one thread, and may block.
public struct JournalSink: Sendable {
  let write: @Sendable (JournalEvent) -> Void

  /// Creates a sink.
  ///
  /// - Parameter write: Writes one line; it may block, and must not log.
  public init(write: @escaping @Sendable (JournalEvent) -> Void) { self.write = write }

  /// journald when stderr is its stream, else text lines on stderr.
  ///
  /// - Parameter identifier: What `journalctl -t` selects by.
  /// - Returns: A sink that may block while journald does not read.
  public static func automatic(identifier: String) -> JournalSink {
    standardErrorIsJournal() ? .native(identifier: identifier) : .text(descriptor: STDERR_FILENO)
  }

  /// journald's own socket (sd_journal_sendv). While journald is stopped, lines are lost, and later ones come
  /// through again.
  ///
  /// - Parameter identifier: What `journalctl -t` selects by.
  /// - Returns: A sink that may block while journald does not read.
  public static func native(identifier: String) -> JournalSink {
    JournalSink { event in
      var lines = event.encoded(identifier: identifier)
      withVectors(of: &lines[...], gathered: []) { vectors in
        vectors.withUnsafeBufferPointer { _ = sd_journal_sendv($0.baseAddress, Int32($0.count)) }
      }
    }
  }

  /// Text lines on a descriptor.
  ///
  /// - Parameter descriptor: Stays open; a write that fails is lost.
  /// - Returns: A sink that may block while nobody reads.
  public static func text(descriptor: Int32) -> JournalSink {
    JournalSink { event in
      var text = event.text
      text.withUTF8 { bytes in
        var rest = UnsafeRawBufferPointer(bytes)
        while !rest.isEmpty {
          let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
          if count < 0 && errno == EINTR { continue }
          guard count > 0 else { return }
          rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
      }
    }
  }

  /// Whether stderr is connected to the journal: $JOURNAL_STREAM holds its device and inode.
  static func standardErrorIsJournal() -> Bool {
    guard let stream = getenv("JOURNAL_STREAM") else { return false }
    var status = stat()
    guard fstat(STDERR_FILENO, &status) == 0 else { return false }
    return String(cString: stream) == "\(status.st_dev):\(status.st_ino)"
  }

  /// Makes an iovec of each line and hands all of them on; the lines live as long as the call.
  private static func withVectors(
    of lines: inout ArraySlice<[UInt8]>, gathered: [iovec], _ use: ([iovec]) -> Void
  ) {
    guard var line = lines.popFirst() else { return use(gathered) }
    line.withUnsafeMutableBytes { bytes in
      let vector = iovec(iov_base: bytes.baseAddress, iov_len: bytes.count)
      withVectors(of: &lines, gathered: gathered + [vector], use)
    }
  }
}
