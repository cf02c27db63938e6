/// What the kernel wants done. The driver does it in the order given.
public enum KernelEffect: Sendable {
  /// Write the memory, durably, before anything that follows.
  case persist(KernelMemory)
  /// Look at a system, and hand the observation to the run.
  case observe(RunID, SystemName)
  /// Put an action into the queue of its lane; when its turn comes, call `advance` with `.begin`.
  case enqueue(Action, Route)
  /// Stop an action: take it out of the queue, or cancel what it is doing.
  case cancel(ResourceID)
  /// Tell.
  case tell(KernelEvent)
  /// Hand the result to whoever asked.
  case reply(RunResult)
}

/// What happened within one action.
public enum ActionInput: Sendable {
  /// Its turn has come.
  case begin
  /// It was looked at.
  case observed(Observation)
  /// The change was carried out without an error.
  case applied
  /// Carrying it out failed, or its answer was lost.
  case applyFailed(Failure)
  /// The wait is over.
  case waited
  /// It was told to stop.
  case cancelled
  /// The memory could not be written, so that the change must not be begun.
  case unjournaled
}

/// What an action does next.
public enum ActionStep: Hashable, Sendable {
  /// Look at the resource.
  case observe(ResourceID)
  /// Carry the change out.
  case apply(Change)
  /// Wait before looking again.
  case wait(Duration)
  /// It is over.
  case done
}
