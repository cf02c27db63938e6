public import Dispatch

/// Runs actors on a Dispatch queue of their own, so that blocking or hot work stays off the cooperative pool.
///
/// Several actors may share one executor: a call between them then costs no change of thread. Linux has no
/// `DispatchSerialQueue`, hence this. An actor takes it up with
/// `nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }`, and code
/// that Dispatch runs on `queue` (event handlers) may enter such an actor with `assumeIsolated`.
public final class QueueExecutor: SerialExecutor {
  /// The serial queue on which everything runs.
  public let queue: DispatchQueue

  /// Creates an executor with a serial queue of its own.
  ///
  /// - Parameter label: The queue's name, as debuggers show it.
  public init(label: String) {
    queue = DispatchQueue(label: label)
  }

  /// Runs a job of an actor when its turn comes.
  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }

  /// Stops the process unless the caller runs on the queue (SE-0424); `assumeIsolated` asks it.
  public func checkIsolated() {
    dispatchPrecondition(condition: .onQueue(queue))
  }
}
