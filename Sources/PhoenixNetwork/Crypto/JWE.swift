public import PhoenixCore

/// Encrypted keys as Step-CA keeps them: JWE compact, PBES2-HS256+A128KW and A256GCM.
public enum JWE {
  /// The most rounds of PBKDF2 that we are ready to work for; a hostile CA could ask for hours.
  public static let maximumRounds = 1_000_000

  /// Decrypts a token.
  ///
  /// - Parameters:
  ///   - compact: Five parts in base64url with dots between them.
  ///   - passphrase: The passphrase, without a newline behind it.
  /// - Returns: What was encrypted.
  /// - Throws: `CryptoError` when it is malformed, uses another algorithm, asks for more than `maximumRounds`
  ///   (told before any work), or the passphrase is wrong.
  public static func decrypt(_ compact: String, passphrase: Secret) throws(CryptoError) -> Secret {
    throw CryptoError("", "")
  }
}
