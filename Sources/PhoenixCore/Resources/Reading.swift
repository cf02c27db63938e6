/// What a look at the world brought: unreadable is not absent.
///
/// Nothing is created, changed or deleted on an unreadable reading.
public enum Reading<Value: Sendable>: Sendable {
  /// It is there, and this is it.
  case known(Value)
  /// Its system answered, and it is not there.
  case absent
  /// It could not be read, for this reason.
  case unreadable(String)

  /// The value, where there is one.
  public var value: Value? {
    if case .known(let value) = self { value } else { nil }
  }

  /// The reason for not being readable, where that is so.
  public var unreadableReason: String? {
    if case .unreadable(let reason) = self { reason } else { nil }
  }

  /// The same reading of something derived from the value.
  public func map<Other: Sendable>(_ transform: (Value) -> Other) -> Reading<Other> {
    switch self {
    case .known(let value): .known(transform(value))
    case .absent: .absent
    case .unreadable(let reason): .unreadable(reason)
    }
  }
}

extension Reading: Equatable where Value: Equatable {}
extension Reading: Hashable where Value: Hashable {}
extension Reading: Codable where Value: Codable {}
