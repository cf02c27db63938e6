import COpenSSL

/// Bytes of a secret that are overwritten when their owner goes.
struct Wiped: ~Copyable {
  private let buffer: UnsafeMutableRawBufferPointer

  /// Makes room, filled with zeros.
  init(count: Int) {
    buffer = .allocate(byteCount: count, alignment: 1)
    buffer.initializeMemory(as: UInt8.self, repeating: 0)
  }

  deinit {
    OPENSSL_cleanse(buffer.baseAddress, buffer.count)
    buffer.deallocate()
  }

  /// Lends the bytes.
  borrowing func withBytes<Result>(_ use: (UnsafeMutableBufferPointer<UInt8>) -> Result) -> Result {
    use(buffer.assumingMemoryBound(to: UInt8.self))
  }
}
