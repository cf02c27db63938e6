public import PhoenixCore

/// A private key as JSON (RFC 7517), as a Step-CA provisioner's encrypted key holds it.
public enum JWK {
  /// Reads a private EC P-256 key.
  ///
  /// - Parameter json: The object.
  /// - Returns: The key, and its `kid`.
  /// - Throws: `CryptoError` when it is another sort of key or its parts do not fit together.
  public static func parse(_ json: Secret) throws(CryptoError) -> (key: PrivateKey, id: String?) {
    throw CryptoError("", "")
  }
}
