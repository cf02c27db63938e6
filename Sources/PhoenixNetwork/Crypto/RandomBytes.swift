import COpenSSL

/// Random bytes for ids, nonces and keys, from libssl.
public enum RandomBytes {
  /// Makes random bytes.
  ///
  /// - Parameter count: How many.
  /// - Returns: The bytes.
  /// - Throws: `CryptoError` when the kernel gives no randomness.
  public static func make(_ count: Int) throws(CryptoError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    try OpenSSL.check("make random bytes") {
      bytes.withUnsafeMutableBufferPointer { RAND_bytes($0.baseAddress, Int32($0.count)) == 1 }
    }
    return bytes
  }
}
