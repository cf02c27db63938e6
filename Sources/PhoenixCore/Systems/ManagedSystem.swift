/// A system that Phoenix keeps: its model, and the hands that look and act.
public protocol ManagedSystem: SystemModel {
  /// Makes the desired state out of the users' files.
  static func compile(_ inventory: Inventory, _ nodes: ConfigurationNodes) -> Compiled<Desired>

  /// Looks. What cannot be read is unreadable in the result, with a reason for people; it never throws.
  func observe(_ scope: ObservationScope, desired: Desired) async -> Observed

  /// Carries one change out. It may be killed at any step and run again: every write is idempotent or
  /// looks first. A normal return is no success: the engine looks again until the diff is gone.
  func apply(_ change: Change, desired: Desired, observed: Observed, facts: Facts) async throws(Failure)
}
