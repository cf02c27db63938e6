extension Readiness {
  /// The readiness of what was read.
  ///
  /// - Parameters:
  ///   - reading: What was read; nil when it was not looked at yet.
  ///   - obstacle: Why what is there is not ready; nil when it is.
  public init<Value: Sendable>(of reading: Reading<Value>?, _ obstacle: (Value) -> String?) {
    switch reading {
    case .known(let value): self = obstacle(value).map { .notReady($0) } ?? .ready
    case .absent: self = .notReady("it is not there")
    case .unreadable(let reason): self = .unreadable(reason)
    case nil: self = .unreadable("it has not been looked at yet")
    }
  }
}
