import PhoenixCore
import PhoenixNetwork

/// Whether what an authority gave is what it was asked for. Whatever fails here never touches a file.
struct IssuedCheck {
  /// The shortest life worth delivering.
  private static let shortestLife: Duration = .seconds(120)
  /// How far the clocks may be apart.
  private static let leeway: Duration = .seconds(60)

  let wanted: Certificates.DesiredCertificate
  let root: Certificate
  /// The public key that was to be signed.
  let keySHA256: String
  /// The end of the certificate that is succeeded; nil when there is none to outlive.
  let outlives: WallTime?
  /// By the authority's clock.
  let now: WallTime

  /// What is wrong, in words; nil when nothing is.
  func fault(of chain: CertificateChain) -> String? {
    let leaf = chain.leaf
    if leaf.publicKeySHA256 != keySHA256 { return "it is for another key" }
    let names = leaf.names.map(\.description).sorted()
    if names != wanted.names {
      return
        "its names are \(names.joined(separator: ", ")) instead of \(wanted.names.joined(separator: ", "))"
    }
    if let uses = leaf.uses, !uses.map(\.rawValue).contains(wanted.use.extendedKeyUsage) {
      return "it may not be used as a \(wanted.use.rawValue)"
    }
    if leaf.isAuthority { return "it is an authority's" }
    // An authority that was made this minute, and whose clock is a little ahead, is no worse than its leaf.
    let notBefore = max(chain.notBefore, root.notBefore)
    if notBefore > now + Self.leeway { return "it is valid only from \(notBefore.utcText)" }
    if chain.notAfter < now { return "it has expired at \(chain.notAfter.utcText)" }
    if chain.notAfter - leaf.notBefore <= Self.shortestLife { return "it is valid for two minutes or less" }
    // Two that are issued within one second end together.
    if let outlives, chain.notAfter < outlives { return "it ends sooner than the one before" }
    do throws(CryptoError) {
      try chain.verify(roots: [root], at: max(now, notBefore), for: .any)
    } catch {
      return error.got
    }
    return nil
  }
}
