public import PhoenixCore

/// A leaf and what leads from it towards a root, as servers send it.
public struct CertificateChain: Sendable, Hashable {
  /// What verification asks the leaf to be good for.
  public enum Purpose: Sendable, Hashable {
    /// A server, for this host name or address.
    case server(host: String)
    /// A client.
    case client
    /// Anything.
    case any
  }

  /// The leaf.
  public let leaf: Certificate
  /// The others, in the order they came.
  public let intermediates: [Certificate]

  /// Creates a chain.
  public init(leaf: Certificate, intermediates: [Certificate] = []) {
    self.leaf = leaf
    self.intermediates = intermediates
  }

  /// Reads a chain: the leaf first.
  ///
  /// - Parameter pem: PEM with at least one certificate and nothing that is none.
  /// - Throws: `CryptoError` when a part of it is no certificate.
  public init(pem: String) throws(CryptoError) { throw CryptoError("", "") }

  /// Reads all certificates of a bundle, such as the roots; none of an empty text.
  ///
  /// - Parameter pem: PEM.
  /// - Returns: The certificates in their order.
  /// - Throws: `CryptoError` when a part of it is no certificate.
  public static func parse(_ pem: String) throws(CryptoError) -> [Certificate] { throw CryptoError("", "") }

  /// As PEM, the leaf first.
  public var pem: String { ([leaf] + intermediates).map(\.pem).joined() }

  /// When the first of them expires.
  public var notAfter: WallTime { intermediates.map(\.notAfter).reduce(leaf.notAfter, min) }

  /// Checks signatures, validity, purpose and name up to one of the roots.
  ///
  /// - Parameters:
  ///   - roots: Whom we believe.
  ///   - time: The time at which it is to be valid.
  ///   - purpose: What the leaf is to be good for.
  /// - Throws: `CryptoError` with libssl's reason, such as `certificate has expired`.
  public func verify(roots: [Certificate], at time: WallTime, for purpose: Purpose) throws(CryptoError) {
    throw CryptoError("", "")
  }
}
