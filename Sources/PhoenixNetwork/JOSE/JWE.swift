import COpenSSL
import FoundationEssentials
public import PhoenixCore

/// Encrypted keys as Step-CA keeps them: JWE compact, PBES2-HS256+A128KW and A256GCM.
public enum JWE {
  /// The most rounds of PBKDF2 that we are ready to work for; a hostile CA could ask for hours.
  public static let maximumRounds = 1_000_000
  /// The longest token that is looked at; a key takes some 700 bytes.
  private static let maximumBytes = 64 << 10
  private static let algorithm = "PBES2-HS256+A128KW"
  private static let doing = "decrypt the encrypted key"

  private struct Header: Decodable {
    let alg: String
    let enc: String
    let p2c: Int
    let p2s: String
    let zip: String?
    let crit: [String]?
  }

  private struct Token {
    let header: Header
    /// The protected header as it came, which the tag covers.
    let protected: [UInt8]
    let salt: [UInt8]
    let wrappedKey: [UInt8]
    let nonce: [UInt8]
    let ciphertext: [UInt8]
    let tag: [UInt8]
  }

  /// Decrypts a token. The key derivation is work on purpose, up to a second of it: call this from an actor
  /// that has its own queue.
  ///
  /// - Parameters:
  ///   - compact: Five parts in base64url with dots between them.
  ///   - passphrase: The passphrase, without a newline behind it.
  /// - Returns: What was encrypted.
  /// - Throws: `CryptoError` when it is malformed, uses another algorithm, asks for more than `maximumRounds`
  ///   (told before any work), or the passphrase is wrong.
  public static func decrypt(_ compact: String, passphrase: Secret) throws(CryptoError) -> Secret {
    let token = try parse(compact)
    let wrappingKey = Wiped(count: 16)
    let contentKey = Wiped(count: 32)
    let plaintext = Wiped(count: token.ciphertext.count)
    try OpenSSL.check(doing) { derive(wrappingKey, passphrase, token) }
    ERR_clear_error()
    guard unwrap(token.wrappedKey, with: wrappingKey, into: contentKey) else {
      ERR_clear_error()
      throw CryptoError(doing, "the passphrase is wrong")
    }
    ERR_clear_error()
    guard open(token, with: contentKey, into: plaintext) else {
      ERR_clear_error()
      throw CryptoError(doing, "its tag does not fit: it was damaged or changed")
    }
    guard let text = plaintext.withBytes({ String(validating: $0, as: UTF8.self) }) else {
      throw CryptoError(doing, "what was encrypted is no text")
    }
    return Secret(text)
  }

  private static func parse(_ compact: String) throws(CryptoError) -> Token {
    guard compact.utf8.count <= maximumBytes else { throw CryptoError(doing, "it is over 64 KB") }
    let parts = compact.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 5 else { throw CryptoError(doing, "it has \(parts.count) parts instead of five") }
    let decoded = parts.compactMap { Base64URL.decode($0) }
    guard decoded.count == 5, let header = try? JSONDecoder().decode(Header.self, from: Data(decoded[0]))
    else {
      throw CryptoError(doing, "it is malformed")
    }
    guard header.alg == algorithm, header.enc == "A256GCM", header.zip == nil, header.crit == nil else {
      throw CryptoError(doing, "it is not of \(algorithm) with A256GCM")
    }
    guard (1...maximumRounds).contains(header.p2c) else {
      throw CryptoError(
        doing, "it asks for \(header.p2c) rounds of key derivation; at most \(maximumRounds) are done")
    }
    guard let salt = Base64URL.decode(header.p2s), salt.count >= 8, decoded[1].count == 40,
      decoded[2].count == 12,
      decoded[4].count == 16
    else { throw CryptoError(doing, "a part of it has a wrong length") }
    return Token(
      header: header, protected: Array(parts[0].utf8), salt: Array(algorithm.utf8) + [0] + salt,
      wrappedKey: decoded[1], nonce: decoded[2], ciphertext: decoded[3], tag: decoded[4])
  }

  private static func derive(_ key: borrowing Wiped, _ passphrase: Secret, _ token: Token) -> Bool {
    passphrase.reveal { text in
      key.withBytes { key in
        PKCS5_PBKDF2_HMAC(
          text, Int32(text.utf8.count), token.salt, Int32(token.salt.count), Int32(token.header.p2c),
          EVP_sha256(),
          Int32(key.count), key.baseAddress) == 1
      }
    }
  }

  private static func unwrap(
    _ wrapped: [UInt8], with key: borrowing Wiped, into output: borrowing Wiped
  ) -> Bool {
    guard let context = Owned(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free) else { return false }
    EVP_CIPHER_CTX_set_flags(context.raw, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW)
    return key.withBytes { key in
      output.withBytes { output in
        var count: Int32 = 0
        return EVP_DecryptInit_ex(context.raw, EVP_aes_128_wrap(), nil, key.baseAddress, nil) == 1
          && EVP_DecryptUpdate(context.raw, output.baseAddress, &count, wrapped, Int32(wrapped.count)) == 1
          && Int(count) == output.count
      }
    }
  }

  private static func open(_ token: Token, with key: borrowing Wiped, into output: borrowing Wiped) -> Bool {
    guard let context = Owned(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free) else { return false }
    var tag = token.tag
    return key.withBytes { key in
      output.withBytes { output in
        var count: Int32 = 0
        return EVP_DecryptInit_ex(context.raw, EVP_aes_256_gcm(), nil, nil, nil) == 1
          && phoenix_gcm_set_iv_length(context.raw, Int32(token.nonce.count)) == 1
          && EVP_DecryptInit_ex(context.raw, nil, nil, key.baseAddress, token.nonce) == 1
          && EVP_DecryptUpdate(context.raw, nil, &count, token.protected, Int32(token.protected.count)) == 1
          && EVP_DecryptUpdate(
            context.raw, output.baseAddress, &count, token.ciphertext, Int32(token.ciphertext.count)) == 1
          && phoenix_gcm_set_tag(context.raw, &tag, Int32(tag.count)) == 1
          && EVP_DecryptFinal_ex(context.raw, nil, &count) == 1
      }
    }
  }
}
