/// A change that is going to be carried out.
public struct Action: Hashable, Sendable, Codable {
  /// What is to be done.
  public let change: Change
  /// The actions of the same plan that must have been verified before it starts.
  public let after: [ResourceID]
  /// How long it may take, from its start to its proof.
  public let deadline: Duration

  /// The resource; a plan has at most one action for it.
  public var resource: ResourceID { change.resource }

  /// Creates an action.
  public init(_ change: Change, after: [ResourceID], deadline: Duration) {
    self.change = change
    self.after = after
    self.deadline = deadline
  }

  /// The same action with another change of its resource.
  func with(_ change: Change) -> Action { Action(change, after: after, deadline: deadline) }
}

/// A change that is wanted and is not going to be carried out.
public struct HeldChange: Hashable, Sendable, Codable {
  /// Why it is not carried out.
  public enum Cause: String, Hashable, Sendable, Codable {
    /// It would do harm, says its own system.
    case refused
    case suspended
    case paused
    /// Self-heal is off for its system.
    case selfHealOff = "self_heal_off"
    /// Its risk is not allowed now.
    case risk
    /// It was there before, its identity is on record, and it is gone.
    case vanished
    /// A permanent failure, explained instead of looped.
    case failed
    /// It failed and waits for its next try.
    case backoff
    /// Its endpoint keeps failing.
    case circuit
    /// Too much would change at once.
    case `guard`
    /// Its system, or something it requires, is not ready or cannot be read.
    case blocked
    /// Not part of what was approved for this run.
    case notApproved = "not_approved"
    /// What must be on disk before acting cannot be written.
    case journal
  }

  /// What would be done.
  public let change: Change
  /// Why it is not, as a word.
  public let cause: Cause
  /// Why it is not, for people.
  public let reason: String

  /// Creates a held change.
  public init(_ change: Change, _ cause: Cause, _ reason: String) {
    self.change = change
    self.cause = cause
    self.reason = reason
  }
}

/// What Phoenix is going to do, and what it would do if it were let.
public struct Plan: Sendable {
  /// The digest of what is to be done; a saved plan or an approval applies only to the same one.
  public let digest: String
  /// In an order in which they may run; `after` tells what may run side by side.
  public let actions: [Action]
  /// Wanted and not done.
  public let held: [HeldChange]
  /// What the operator should know.
  public let findings: [Finding]
  /// How readable each system was.
  public let systems: [SystemName: SystemHealth]

  /// Whether there is nothing to do and nothing held.
  public var isEmpty: Bool { actions.isEmpty && held.isEmpty }

  /// Creates a plan.
  public init(
    digest: String, actions: [Action], held: [HeldChange], findings: [Finding],
    systems: [SystemName: SystemHealth]
  ) {
    self.digest = digest
    self.actions = actions
    self.held = held
    self.findings = findings
    self.systems = systems
  }
}
