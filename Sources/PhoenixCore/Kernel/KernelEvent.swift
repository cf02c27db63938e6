/// What the kernel tells the world about its work: each becomes a journal line, a metric, a progress line.
public struct KernelEvent: Sendable {
  /// What happened.
  public enum Kind: Sendable {
    /// A run began to look.
    case runStarted(RunRequest)
    /// A plan with something in it was made, for the first or a later wave.
    case planned(wave: Int, Plan)
    /// A plan was refused by PlanCheck: a defect, and nothing is done.
    case planRefused([String])
    /// A difference was seen for the first time.
    case driftFound(Change)
    /// A wanted change is not carried out, and was not held for the same cause before.
    case held(HeldChange)
    /// An action began.
    case actionStarted(Change)
    /// An action ended.
    case actionEnded(Change, RunResult.ActionResult)
    /// A run ended. Steady when it found nothing to do, or was only to plan.
    case runEnded(RunResult, isSteady: Bool, duration: Duration)
    /// A system became readable or unreadable.
    case healthChanged(SystemName, SystemHealth)
    /// An endpoint failed too often and is left alone until then.
    case circuitOpened(endpoint: String)
    /// An endpoint works again.
    case circuitClosed(endpoint: String)
    /// What a crash had left half done; it is looked at anew.
    case interrupted(ResourceID)
    /// A resource is left alone from now on.
    case suspended(ResourceID, until: WallTime?)
    /// A resource is kept again.
    case resumed(ResourceID)
    /// Everything is left alone, or kept again.
    case paused(Bool)
    /// A new desired state is in force.
    case configured(desiredDigest: String)
    /// The state directory can, or cannot, be written; why not, where that is known.
    case stateWritable(Bool, reason: String?)
  }

  /// The run it belongs to, if any.
  public let run: RunID?
  /// What happened.
  public let kind: Kind
}
