import COpenSSL

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
    let signed = Base64URL.encode(Array(header.utf8)) + "." + Base64URL.encode(Array(payload.utf8))
    return signed + "." + Base64URL.encode(try signES256(Array(signed.utf8), key: key))
  }

  /// Signs bytes: ECDSA over SHA-256.
  ///
  /// - Parameters:
  ///   - message: What is signed.
  ///   - key: The key.
  /// - Returns: r then s, 32 bytes each, as JOSE wants it (not DER).
  /// - Throws: `CryptoError` when libssl refuses to sign.
  public static func signES256(_ message: [UInt8], key: PrivateKey) throws(CryptoError) -> [UInt8] {
    try key.withKey { (key) throws(CryptoError) in
      try OpenSSL.call("sign a token") {
        guard let context = Owned(EVP_MD_CTX_new(), EVP_MD_CTX_free),
          EVP_DigestSignInit(context.raw, nil, EVP_sha256(), nil, key) == 1
        else { return nil }
        // An ECDSA signature on P-256 takes at most 72 bytes of DER.
        var der = [UInt8](repeating: 0, count: 80)
        var count = der.count
        guard EVP_DigestSign(context.raw, &der, &count, message, message.count) == 1 else { return nil }
        return raw(der.prefix(count))
      }
    }
  }

  private static func raw(_ der: ArraySlice<UInt8>) -> [UInt8]? {
    der.withUnsafeBufferPointer { bytes in
      var position = bytes.baseAddress
      guard let signature = Owned(d2i_ECDSA_SIG(nil, &position, bytes.count), ECDSA_SIG_free) else {
        return nil
      }
      var parts = [UInt8](repeating: 0, count: 64)
      let fits = parts.withUnsafeMutableBufferPointer { parts in
        guard let start = parts.baseAddress else { return false }
        return BN_bn2binpad(ECDSA_SIG_get0_r(signature.raw), start, 32) == 32
          && BN_bn2binpad(ECDSA_SIG_get0_s(signature.raw), start + 32, 32) == 32
      }
      return fits ? parts : nil
    }
  }
}
