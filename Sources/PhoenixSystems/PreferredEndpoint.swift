import PhoenixCore

/// Which of several endpoints answered last, so that a dead first one is not waited for with each request.
final class PreferredEndpoint: Sendable {
  private let last = Lock<String?>(nil)

  /// The endpoints in the order in which to try them.
  func order(_ endpoints: [String]) -> [String] {
    guard let last = last.withLock({ $0 }), let index = endpoints.firstIndex(of: last) else {
      return endpoints
    }
    return Array(endpoints[index...] + endpoints[..<index])
  }

  func answered(_ endpoint: String) { last.withLock { $0 = endpoint } }
}
