/// The last bytes of a stream.
struct TailBuffer: Sendable {
  private let limit: Int
  private var bytes: [UInt8] = []
  private var truncated = false

  init(limit: Int) { self.limit = max(0, limit) }

  mutating func append(_ more: UnsafeRawBufferPointer) {
    bytes.append(contentsOf: more)
    // Cut only when twice the limit is there, so that each byte is moved once on average.
    if bytes.count > 2 * limit { cut() }
  }

  private mutating func cut() {
    guard bytes.count > limit else { return }
    truncated = true
    bytes.removeFirst(bytes.count - limit)
  }

  /// The bytes, and whether there were more before them.
  mutating func take() -> (bytes: [UInt8], truncated: Bool) {
    cut()
    defer { bytes = [] }
    return (bytes, truncated)
  }
}
