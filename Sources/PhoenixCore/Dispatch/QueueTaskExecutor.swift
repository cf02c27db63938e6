public import Dispatch

/// Runs tasks on the Dispatch queue of an actor that they call again and again, so that no thread is woken for each
/// call: `withTaskExecutorPreference`.
public final class QueueTaskExecutor: TaskExecutor {
  private let queue: DispatchQueue

  /// Creates an executor on a queue.
  ///
  /// - Parameter queue: The actor's own, such as `QueueExecutor.queue`.
  public init(queue: DispatchQueue) { self.queue = queue }

  /// Runs a job of a task when its turn comes.
  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
