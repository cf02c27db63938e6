import PhoenixCore

/// How long one look may go on, and which nodes let it wait in vain.
final class LookBudget: Sendable {
  private let end: ContinuousClock.Instant
  private let silentNodes = Lock<Set<String>>([])

  init(of limit: Duration) { end = .now + limit }

  /// The time that is left.
  ///
  /// - Throws: A transient failure when there is none, or the node did not answer before: each of its guests
  ///   would wait again, and there may be hundreds.
  func remaining(for request: Proxmox.API.Request, at node: String?) throws(Failure) -> Duration {
    if let node, silentNodes.withLock({ $0.contains(node) }) {
      throw Failure(.transient, doing: request.doing, got: "node \(node) does not answer")
    }
    let left = end - .now
    guard left > .zero else {
      throw Failure(
        .transient, doing: request.doing, got: "Proxmox answers too slowly, so this was not asked in time")
    }
    return left
  }

  /// Remembers a node that did not answer in time.
  func wasSilent(_ node: String?) {
    guard let node else { return }
    silentNodes.withLock { _ = $0.insert(node) }
  }
}
