public import PhoenixCore

/// Runs programs.
public enum Processes {
  /// Runs a program to its end, without blocking a thread of the cooperative pool.
  ///
  /// When its time is over or the task is cancelled, its whole process group gets SIGTERM, and SIGKILL after
  /// the command's grace. Whatever it leaves behind in its process group when it ends is killed too; only what
  /// makes a session of its own outlives it.
  ///
  /// - Parameter command: What to run.
  /// - Returns: How it ended, whatever its status.
  /// - Throws: When it could not be started.
  public static func run(_ command: ProcessCommand) async throws(Failure) -> ProcessResult {
    let run = ProcessRun(command)
    let result = await withTaskCancellationHandler {
      await run.result()
    } onCancel: {
      run.cancel()
    }
    return try result.get()
  }
}
