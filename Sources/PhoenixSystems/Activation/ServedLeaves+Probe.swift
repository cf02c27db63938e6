import PhoenixCore
import PhoenixNetwork

extension ServedLeaves {
  /// How many connections show what a server goes by: one may have met a process that was about to end.
  static let handshakes = 3

  /// Looks at a server, by some connections one after another.
  static func shown(
    at target: TLSProbe.Target, handshakes: Int = handshakes, timeout: Duration = .seconds(5)
  ) async -> Reading<ServedLeaves> {
    var fingerprints: [String] = []
    for _ in 0..<handshakes {
      do throws(TransportError) {
        // Whom it chains to is proved with the files; here only which one it is matters.
        let served = try await TLSProbe.handshake(target, trust: TLSTrust(rootsPEM: ""), timeout: timeout)
        let fingerprint = served.chain.leaf.sha256
        if !fingerprints.contains(fingerprint) { fingerprints.append(fingerprint) }
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
