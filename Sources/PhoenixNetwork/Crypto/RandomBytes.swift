/// Random bytes for ids, nonces and keys, from libssl.
public enum RandomBytes {
  /// Makes random bytes.
  ///
  /// - Parameter count: How many.
  /// - Returns: The bytes.
  /// - Throws: `CryptoError` when the kernel gives no randomness.
  public static func make(_ count: Int) throws(CryptoError) -> [UInt8] { throw CryptoError("", "") }
}
