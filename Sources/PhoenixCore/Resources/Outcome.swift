/// How one action ended.
public enum Outcome: Hashable, Sendable, Codable {
  /// It was no longer wanted when its turn came.
  case unchanged
  /// Carried out, and seen to be so.
  case verified
  /// What is to be done changed meanwhile; the next plan takes it up.
  case stale
  /// Applied without an error, and still not so when its deadline passed.
  case notConverged(String)
  case failed(Failure)
  /// Something it requires did not become ready.
  case blocked(by: [ResourceID])
  case held(String)
  case cancelled

  /// The word for it in logs, metrics and JSON.
  public var word: String {
    switch self {
    case .unchanged: "unchanged"
    case .verified: "verified"
    case .stale: "stale"
    case .notConverged: "not_converged"
    case .failed: "failed"
    case .blocked: "blocked"
    case .held: "held"
    case .cancelled: "cancelled"
    }
  }

  /// Why, where there is something to say.
  public var reason: String? {
    switch self {
    case .unchanged, .verified, .cancelled: nil
    case .stale: "it changed meanwhile; the next plan takes it up"
    case .notConverged(let text), .held(let text): text
    case .failed(let failure): failure.description
    case .blocked(let by): "waits for " + by.map(\.description).joined(separator: ", ")
    }
  }

  /// Whether the resource is as it should be.
  public var isSuccess: Bool {
    switch self {
    case .unchanged, .verified: true
    case .stale, .notConverged, .failed, .blocked, .held, .cancelled: false
    }
  }
}
