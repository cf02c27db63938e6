import PhoenixCore

/// What is kept on disk of one certificate besides its keys: enough to go on after a kill at any moment.
struct CertificateRecord: Codable, Equatable, Sendable {
  /// A key that an authority was, or was to be, asked to sign.
  struct Pending: Codable, Equatable, Sendable {
    /// SHA-256 of the public key; the key's file bears its beginning.
    var keySHA256: String
  }

  /// A certificate that an authority gave and that was found right.
  struct Issued: Codable, Equatable, Sendable {
    /// The certificate with its intermediates.
    var chainPEM: String
    /// The root it was verified with.
    var rootPEM: String
    /// SHA-256 of its public key.
    var keySHA256: String

    /// The name of the generation it is delivered as: from when it is valid, and a digest of all there is to it.
    func generation(notBefore: WallTime) -> String {
      let start = String(notBefore.utcText.filter { $0.isNumber || $0 == "T" })
      let digest = SHA256.hexDigest(of: Array("\(chainPEM)\n\(rootPEM)\n\(keySHA256)".utf8))
      return "\(start)-\(digest.prefix(12))"
    }
  }

  var pending: Pending?
  /// What was issued last.
  var issued: Issued?
  /// What was delivered last, or is about to be. Another one than `issued` while that waits to be let in.
  var delivered: Issued?
  /// What was delivered before that, the latest first: a client may still be showing it. Nil where there was none yet.
  var former: [Issued]?

  /// So many are remembered.
  private static let formerLimit = 4

  /// All certificates of the record, each once.
  var all: [Issued] {
    ([issued, delivered].compactMap { $0 } + (former ?? [])).reduce(into: []) { all, one in
      if !all.contains(one) { all.append(one) }
    }
  }

  /// Puts another one in the place of what was delivered last.
  mutating func deliver(_ issued: Issued) {
    if let delivered, delivered != issued {
      former = Array(([delivered] + (former ?? [])).filter { $0 != issued }.prefix(Self.formerLimit))
    }
    delivered = issued
  }
}

/// An operator's wish to have a certificate replaced before its time.
struct RenewalWish: Codable, Equatable, Sendable {
  /// The certificate that is to be replaced.
  var fingerprint: String
}
