import PhoenixCore
import PhoenixNetwork

/// Roots that were fetched by their fingerprint. A pin never comes to mean another root, so once is enough.
final class PinnedRoots: Sendable {
  private let known = Lock<[String: Certificate]>([:])

  /// The root with a fingerprint; nil when it was not fetched yet.
  subscript(fingerprint: String) -> Certificate? {
    get { known.withLock { $0[fingerprint] } }
    set { known.withLock { $0[fingerprint] = newValue } }
  }
}
