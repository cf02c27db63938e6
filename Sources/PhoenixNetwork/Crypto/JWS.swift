/// Signed tokens (RFC 7515) with ES256.
public enum JWS {
  /// Signs a payload.
  ///
  /// - Parameters:
  ///   - header: The protected header as JSON; it says `"alg":"ES256"`.
  ///   - payload: What is signed.
  ///   - key: The key.
  /// - Returns: The token in its compact form.
  /// - Throws: `CryptoError` when libssl refuses to sign.
  public static func sign(header: String, payload: String, key: PrivateKey) throws(CryptoError) -> String {
    throw CryptoError("", "")
  }

  /// Signs bytes: ECDSA over SHA-256.
  ///
  /// - Parameters:
  ///   - message: What is signed.
  ///   - key: The key.
  /// - Returns: r then s, 32 bytes each, as JOSE wants it (not DER).
  /// - Throws: `CryptoError` when libssl refuses to sign.
  public static func signES256(_ message: [UInt8], key: PrivateKey) throws(CryptoError) -> [UInt8] {
    throw CryptoError("", "")
  }
}
