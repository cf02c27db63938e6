import COpenSSL
public import PhoenixCore

/// A P-256 key. It is held as PEM and never printed.
public struct PrivateKey: Sendable, Hashable {
  /// The key as unencrypted PKCS #8 PEM: for a file of mode 0600, or for `TLSIdentity`.
  public let pem: Secret
  /// SHA-256 of the public key (SubjectPublicKeyInfo DER), in hexadecimal: to match it with a certificate.
  public let publicKeySHA256: String

  /// Makes a new key.
  ///
  /// - Returns: A key nobody else has.
  /// - Throws: `CryptoError` when libssl has no randomness.
  public static func generate() throws(CryptoError) -> PrivateKey {
    let key = try OpenSSL.call("make a key") { Owned(phoenix_make_p256_key(), EVP_PKEY_free) }
    return try PrivateKey(key)
  }

  /// Reads a key.
  ///
  /// - Parameter pem: PKCS #8 or SEC 1 PEM without a passphrase.
  /// - Throws: `CryptoError` when it is no P-256 key, or is encrypted.
  public init(pem: Secret) throws(CryptoError) { try self.init(Self.read(pem)) }

  /// Takes a key that libssl holds; it must be on P-256, with both halves fitting together.
  init(_ key: borrowing Owned) throws(CryptoError) {
    let raw = key.raw
    guard EVP_PKEY_is_a(raw, "EC") == 1, Self.group(of: raw) == "prime256v1" else {
      throw CryptoError("read a key", "it is no P-256 key")
    }
    try OpenSSL.check("check a key") {
      guard let check = Owned(EVP_PKEY_CTX_new(raw, nil), EVP_PKEY_CTX_free) else { return false }
      return EVP_PKEY_check(check.raw) == 1
    }
    let text = try OpenSSL.call("write a key") {
      OpenSSL.written { PEM_write_bio_PKCS8PrivateKey($0, raw, nil, nil, 0, nil, nil) == 1 }
    }
    pem = Secret(String(decoding: text, as: UTF8.self))
    let publicKey = try OpenSSL.call("write a public key") { OpenSSL.encoded { i2d_PUBKEY(raw, $0) } }
    publicKeySHA256 = PhoenixCore.SHA256.hexDigest(of: publicKey)
  }

  /// Lends the key as libssl's.
  func withKey<Result>(
    _ use: (OpaquePointer) throws(CryptoError) -> Result
  ) throws(CryptoError) -> Result {
    let key = try Self.read(pem)
    return try use(key.raw)
  }

  /// libssl's form of a key of any sort.
  static func read(_ pem: Secret) throws(CryptoError) -> Owned {
    let doing = "read a key"
    let reader = try OpenSSL.call(doing) { OpenSSL.reader(pem.reveal { Array($0.utf8) }) }
    return try OpenSSL.call(doing) {
      // Without a callback libssl would ask for a passphrase on the terminal.
      Owned(PEM_read_bio_PrivateKey(reader.raw, nil, { _, _, _, _ in -1 }, nil), EVP_PKEY_free)
    }
  }

  private static func group(of key: OpaquePointer) -> String? {
    var name = [CChar](repeating: 0, count: 64)
    var count = 0
    guard EVP_PKEY_get_group_name(key, &name, name.count, &count) == 1, count <= name.count else {
      return nil
    }
    return String(decoding: name.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
