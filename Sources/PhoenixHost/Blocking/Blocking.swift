import Dispatch

/// Calls that block, such as reading a file, on a thread of Dispatch's own, so that the cooperative pool stays free.
public enum Blocking {
  private static let queue = DispatchQueue(label: "phoenix.blocking", attributes: .concurrent)

  /// Runs a call that may block, and waits for it without blocking.
  ///
  /// - Parameter call: What blocks. It is not interrupted when the task is cancelled.
  /// - Returns: What it returned.
  /// - Throws: What it threw.
  public static func run<Value: Sendable, Thrown: Error>(
    _ call: @escaping @Sendable () throws(Thrown) -> Value
  ) async throws(Thrown) -> Value {
    let result = await withCheckedContinuation {
      (continuation: CheckedContinuation<Result<Value, Thrown>, Never>) in
      queue.async { @Sendable in
        let result: Result<Value, Thrown>
        do throws(Thrown) {
          result = .success(try call())
        } catch {
          result = .failure(error)
        }
        continuation.resume(returning: result)
      }
    }
    return try result.get()
  }
}
