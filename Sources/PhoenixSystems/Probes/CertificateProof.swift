/// What came of showing a client certificate.
public struct CertificateProof: Codable, Equatable, Sendable {
  /// SHA-1 of the leaf that was shown; nil when there was none.
  public var leaf: String?
  /// An answer for each version of TLS that was tried.
  public var answers: [ProbeAnswer]

  /// Creates a proof.
  public init(leaf: String?, answers: [ProbeAnswer]) {
    self.leaf = leaf
    self.answers = answers
  }

  /// Whether it was let in each time.
  public var isLetIn: Bool { !answers.isEmpty && answers.allSatisfy { $0 == .answered(200) } }

  /// What was answered, by whatever version of TLS; nil when nothing came.
  var status: Int? { answers.compactMap(\.status).first }

  /// Whether it was seen what comes of showing it.
  var isTried: Bool { answers.contains { $0.status != nil || $0 == .closed } }

  /// The first answer that let nobody in, for people.
  var account: String { answers.first { $0 != .answered(200) }?.account ?? "nothing was tried" }
}
