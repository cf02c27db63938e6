import PhoenixCore
import PhoenixNetwork

/// What fresh connections to a server are shown.
struct ServedLeaves: Codable, Equatable, Sendable {
  /// How many connections are made, one after another.
  static let handshakes = 3

  /// SHA-256 of the leaves, each once; none when no certificate was seen.
  var fingerprints: [String]
  /// Why there was no certificate, when there was none.
  var trouble: String?

  /// Looks at a server.
  static func shown(at target: TLSProbe.Target, timeout: Duration = .seconds(5)) async -> Reading<
    ServedLeaves
  > {
    var fingerprints: [String] = []
    for _ in 0..<handshakes {
      do throws(TransportError) {
        // Whom it chains to is proved with the files; here only which one it is matters.
        let served = try await TLSProbe.handshake(target, trust: TLSTrust(rootsPEM: ""), timeout: timeout)
        if !fingerprints.contains(served.chain.leaf.sha256) { fingerprints.append(served.chain.leaf.sha256) }
      } catch {
        switch error.kind {
        // Somebody answered, and it was no: that is an observation.
        case .refused, .tls, .reset: return .known(ServedLeaves(fingerprints: [], trouble: error.description))
        default: return .unreadable(error.description)
        }
      }
    }
    return .known(ServedLeaves(fingerprints: fingerprints))
  }
}
