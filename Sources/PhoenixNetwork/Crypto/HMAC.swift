/// HMAC-SHA-256, for digests that only the holder of a key can make or compare.
public enum HMAC {
  /// The code of a message under a key.
  ///
  /// - Parameters:
  ///   - message: The message.
  ///   - key: The key.
  /// - Returns: 32 bytes.
  /// - Throws: `CryptoError` when libssl is out of memory.
  public static func sha256(_ message: [UInt8], key: [UInt8]) throws(CryptoError) -> [UInt8] {
    throw CryptoError("", "")
  }
}
