public import PhoenixCore

/// A P-256 key. It is held as PEM and never printed.
public struct PrivateKey: Sendable, Hashable {
  /// The key as unencrypted PKCS #8 PEM: for a file of mode 0600, or for `TLSIdentity`.
  public let pem: Secret
  /// SHA-256 of the public key (SubjectPublicKeyInfo DER), in hexadecimal: to match it with a certificate.
  public let publicKeySHA256: String

  /// Makes a new key.
  ///
  /// - Throws: `CryptoError` when libssl has no randomness.
  public static func generate() throws(CryptoError) -> PrivateKey { throw CryptoError("", "") }

  /// Reads a key.
  ///
  /// - Parameter pem: PKCS #8 or SEC 1 PEM without a passphrase.
  /// - Throws: `CryptoError` when it is no P-256 key, or is encrypted.
  public init(pem: Secret) throws(CryptoError) { throw CryptoError("", "") }
}
