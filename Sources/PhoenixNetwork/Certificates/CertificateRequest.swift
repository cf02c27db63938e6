import COpenSSL
import PhoenixCore

/// A request for a certificate (PKCS #10), signed by the key it is for.
public struct CertificateRequest: Sendable, Hashable {
  /// As DER.
  public let der: [UInt8]
  /// As PEM.
  public let pem: String

  /// Makes a request.
  ///
  /// - Parameters:
  ///   - commonName: The subject's common name, at most 64 characters.
  ///   - names: The subject alternative names; only DNS names and addresses.
  ///   - key: The key that the certificate is to be for.
  /// - Throws: `CryptoError` when a name cannot be one.
  public init(commonName: String, names: [SubjectName], key: PrivateKey) throws(CryptoError) {
    let doing = "make a certificate request for \(commonName)"
    let isClean = commonName.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
    guard isClean, (1...64).contains(commonName.unicodeScalars.count) else {
      throw CryptoError(doing, "the common name is empty, over 64 characters, or holds control characters")
    }
    let request = try OpenSSL.call(doing) { Owned(X509_REQ_new(), X509_REQ_free) }
    let alternatives = try Self.generalNames(names, doing)
    let raw = request.raw
    try key.withKey { (key) throws(CryptoError) in
      try OpenSSL.check(doing) {
        Self.setSubject(raw, commonName)
          && (names.isEmpty || phoenix_request_set_names(raw, alternatives.raw) == 1)
          && X509_REQ_set_pubkey(raw, key) == 1 && X509_REQ_sign(raw, key, EVP_sha256()) > 0
      }
    }
    der = try OpenSSL.call(doing) { OpenSSL.encoded { i2d_X509_REQ(raw, $0) } }
    let text = try OpenSSL.call(doing) { OpenSSL.written { PEM_write_bio_X509_REQ($0, raw) == 1 } }
    pem = String(decoding: text, as: UTF8.self)
  }

  private static func setSubject(_ request: OpaquePointer, _ commonName: String) -> Bool {
    let bytes = Array(commonName.utf8)
    return X509_NAME_add_entry_by_NID(
      X509_REQ_get_subject_name(request), NID_commonName, MBSTRING_UTF8, bytes, Int32(bytes.count), -1, 0)
      == 1
  }

  private static func generalNames(_ names: [SubjectName], _ doing: String) throws(CryptoError) -> Owned {
    let stack = try OpenSSL.call(doing) { Owned(phoenix_names_new(), phoenix_names_free) }
    for name in names {
      guard SubjectName(parsing: name.description) == name else {
        throw CryptoError(doing, "'\(name)' is neither a DNS name nor an address")
      }
      let (type, bytes) =
        if case .address(let text) = name {
          (GEN_IPADD, SubjectName.addressBytes(text) ?? [])
        } else {
          (GEN_DNS, Array(name.description.utf8))
        }
      try OpenSSL.check(doing) { phoenix_names_add(stack.raw, type, bytes, Int32(bytes.count)) == 1 }
    }
    return stack
  }
}
