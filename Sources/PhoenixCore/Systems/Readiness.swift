/// Whether what requires a resource may go ahead, as its owning system says.
public enum Readiness: Hashable, Sendable, Codable {
  /// It is there and does its work.
  case ready
  /// It is readable and not ready, for this reason.
  case notReady(String)
  /// It could not be read: blocks what requires it.
  case unreadable(String)
}

/// Whether a whole system could be read.
public enum SystemHealth: Hashable, Sendable, Codable {
  /// Every part that was asked for answered.
  case readable
  /// Some parts did not answer; those that did are used.
  case partly(String)
  /// Nothing of it could be read.
  case unreadable(String)
}

/// Which part of a system to look at.
public enum ObservationScope: Hashable, Sendable, Codable {
  /// Everything that is declared, and what is found beside it.
  case everything
  /// Only these resources, as an action does to prove itself.
  case only(Set<ResourceID>)
}
