import COpenSSL

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
    var code = [UInt8](repeating: 0, count: 32)
    try OpenSSL.check("make a keyed digest") {
      // An empty array may have no address, which would mean "the key of last time" to libssl.
      let usable = key.isEmpty ? [0] : key
      var count: UInt32 = 0
      let made = COpenSSL.HMAC(
        EVP_sha256(), usable, Int32(key.count), message, message.count, &code, &count)
      return made != nil && count == 32
    }
    return code
  }
}
