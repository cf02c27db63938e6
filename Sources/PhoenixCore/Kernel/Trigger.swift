/// What makes Phoenix look. It says only where: the state is read anew.
public enum Trigger: Hashable, Sendable, Codable {
  /// The daemon has started.
  case start
  /// SIGHUP, or `phoenix reconcile`.
  case nudge
  /// The files were read again.
  case reload
  /// The wall clock jumped.
  case clockJump
  /// A system's interval has passed.
  case interval(SystemName)
  /// A deadline within a system, such as a certificate's renewal, or a retry that is due.
  case deadline(SystemName)
  /// A system changed while it was acted on.
  case followUp(SystemName)
  /// The interval of the full look has passed.
  case full

  /// The system it points at; nil for all.
  var system: SystemName? {
    switch self {
    case .start, .nudge, .reload, .clockJump, .full: nil
    case .interval(let system), .deadline(let system), .followUp(let system): system
    }
  }

  /// The word for it in logs.
  public var word: String {
    switch self {
    case .start: "start"
    case .nudge: "nudge"
    case .reload: "reload"
    case .clockJump: "clock jump"
    case .interval: "interval"
    case .deadline: "deadline"
    case .followUp: "follow-up"
    case .full: "full"
    }
  }
}

/// Triggers that wait for the next pass. Any number of the same is one.
struct TriggerBox: Sendable {
  private(set) var pending: Set<Trigger> = []
  /// Follow-ups wait a little, so that a fight over a resource is no hot loop.
  private var delayed: [Trigger: BootTime] = [:]

  mutating func put(_ trigger: Trigger) { pending.insert(trigger) }

  mutating func put(_ trigger: Trigger, at moment: BootTime) {
    delayed[trigger] = min(delayed[trigger] ?? moment, moment)
  }

  /// Moves the delayed triggers whose moment has come to the pending ones.
  mutating func ripen(at now: BootTime) {
    for (trigger, moment) in delayed where moment <= now {
      pending.insert(trigger)
      delayed[trigger] = nil
    }
  }

  /// The first moment at which a delayed trigger is due.
  var nextDelayed: BootTime? { delayed.values.min() }

  /// Takes all pending triggers out.
  mutating func take() -> Set<Trigger> {
    defer { pending = [] }
    return pending
  }
}
