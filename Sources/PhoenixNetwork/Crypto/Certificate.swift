public import PhoenixCore

/// A certificate (X.509), read once: its fields are plain values.
public struct Certificate: Sendable, Hashable {
  /// What a certificate may be used for.
  public enum Use: String, Sendable, Hashable, Codable {
    case serverAuth, clientAuth
  }

  /// As DER.
  public let der: [UInt8]
  /// As PEM.
  public let pem: String
  /// The subject's common name; nil when it has none.
  public let commonName: String?
  /// The subject on one line (RFC 2253).
  public let subject: String
  /// The issuer on one line (RFC 2253).
  public let issuer: String
  /// The subject alternative names, sorted.
  public let names: [SubjectName]
  /// From when it is valid.
  public let notBefore: WallTime
  /// Until when it is valid.
  public let notAfter: WallTime
  /// The serial number in lower-case hexadecimal, without leading zeros.
  public let serial: String
  /// The extended key usages that we know; nil when the certificate does not restrict its use.
  public let uses: Set<Use>?
  /// Whether it may issue others.
  public let isAuthority: Bool
  /// SHA-256 of the DER, in lower-case hexadecimal: the fingerprint that `step certificate fingerprint` shows.
  public let sha256: String
  /// SHA-256 of the public key (SubjectPublicKeyInfo DER), in lower-case hexadecimal.
  public let publicKeySHA256: String

  /// Reads a certificate.
  ///
  /// - Parameter der: DER, with nothing behind it.
  /// - Throws: `CryptoError` when it is none.
  public init(der: [UInt8]) throws(CryptoError) { throw CryptoError("", "") }

  /// Reads the one certificate of a PEM text.
  ///
  /// - Parameter pem: PEM with exactly one certificate.
  /// - Throws: `CryptoError` when there is none or there are several.
  public init(pem: String) throws(CryptoError) { throw CryptoError("", "") }

  /// Whether the key is the one this certificate is for.
  public func matches(_ key: PrivateKey) -> Bool { publicKeySHA256 == key.publicKeySHA256 }

  /// Whether a client that asked for this host or address would accept the certificate's names.
  public func isValid(for host: String) -> Bool { false }
}
