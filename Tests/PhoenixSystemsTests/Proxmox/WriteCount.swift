import PhoenixCore

/// A number that several threads count up.
final class WriteCount: Sendable {
  private let value = Lock(0)

  var count: Int { value.withLock { $0 } }

  func add() { value.withLock { $0 += 1 } }
}
