import COpenSSL
import Glibc
public import PhoenixCore

/// A certificate (X.509), read once: its fields are plain values.
public struct Certificate: Sendable, Hashable {
  /// What a certificate may be used for.
  public enum Use: String, Sendable, Hashable, Codable {
    case serverAuth, clientAuth
  }

  /// As DER.
  public let der: [UInt8]
  /// As PEM.
  public let pem: String
  /// The subject's common name; nil when it has none.
  public let commonName: String?
  /// The subject on one line (RFC 2253).
  public let subject: String
  /// The issuer on one line (RFC 2253).
  public let issuer: String
  /// The subject alternative names, sorted.
  public let names: [SubjectName]
  /// From when it is valid.
  public let notBefore: WallTime
  /// Until when it is valid.
  public let notAfter: WallTime
  /// The serial number in lower-case hexadecimal, without leading zeros.
  public let serial: String
  /// The extended key usages that we know; nil when the certificate does not restrict its use.
  public let uses: Set<Use>?
  /// Whether it may issue others.
  public let isAuthority: Bool
  /// SHA-256 of the DER, in lower-case hexadecimal: the fingerprint that `step certificate fingerprint` shows.
  public let sha256: String
  /// SHA-1 of the DER, in lower-case hexadecimal: the fingerprint by which nginx names clients.
  public let sha1: String
  /// SHA-256 of the public key (SubjectPublicKeyInfo DER), in lower-case hexadecimal.
  public let publicKeySHA256: String

  /// Reads a certificate.
  ///
  /// - Parameter der: DER, with nothing behind it.
  /// - Throws: `CryptoError` when it is none.
  public init(der: [UInt8]) throws(CryptoError) {
    let doing = "read a certificate"
    let certificate = try Self.read(der)
    let raw = certificate.raw
    self.der = der
    let text = try OpenSSL.call(doing) { OpenSSL.written { PEM_write_bio_X509($0, raw) == 1 } }
    pem = String(decoding: text, as: UTF8.self)
    subject = try OpenSSL.call(doing) { Self.line(X509_get_subject_name(raw)) }
    issuer = try OpenSSL.call(doing) { Self.line(X509_get_issuer_name(raw)) }
    commonName = Self.commonName(X509_get_subject_name(raw))
    names = try Self.names(of: raw)
    notBefore = try OpenSSL.call(doing) { Self.time(X509_get0_notBefore(raw)) }
    notAfter = try OpenSSL.call(doing) { Self.time(X509_get0_notAfter(raw)) }
    serial = try OpenSSL.call(doing) { Self.hexadecimal(X509_get0_serialNumber(raw)) }
    uses = Self.uses(of: raw)
    isAuthority = X509_check_ca(raw) == 1
    sha256 = PhoenixCore.SHA256.hexDigest(of: der)
    sha1 = try OpenSSL.call(doing) { Self.sha1(of: raw) }
    let publicKey = try OpenSSL.call(doing) {
      OpenSSL.encoded { i2d_X509_PUBKEY(X509_get_X509_PUBKEY(raw), $0) }
    }
    publicKeySHA256 = PhoenixCore.SHA256.hexDigest(of: publicKey)
  }

  /// Reads the one certificate of a PEM text.
  ///
  /// - Parameter pem: PEM with exactly one certificate.
  /// - Throws: `CryptoError` when there is none or there are several.
  public init(pem: String) throws(CryptoError) {
    let all = try CertificateChain.parse(pem)
    guard let certificate = all.first, all.count == 1 else {
      throw CryptoError("read a certificate", "the text holds \(all.count) certificates instead of one")
    }
    self = certificate
  }

  /// Whether the key is the one this certificate is for.
  public func matches(_ key: PrivateKey) -> Bool { publicKeySHA256 == key.publicKeySHA256 }

  /// Whether a client that asked for this host or address would accept the certificate's names. The common
  /// name does not count.
  public func isValid(for host: String) -> Bool {
    guard let certificate = try? Self.read(der) else { return false }
    return PeerName.accepts(certificate.raw, host)
  }

  /// libssl's form of a certificate.
  static func read(_ der: [UInt8]) throws(CryptoError) -> Owned {
    let doing = "read a certificate"
    let reader = try OpenSSL.call(doing) { OpenSSL.reader(der) }
    let certificate = try OpenSSL.call(doing) { Owned(d2i_X509_bio(reader.raw, nil), X509_free) }
    guard BIO_ctrl_pending(reader.raw) == 0 else { throw CryptoError(doing, "there is more behind it") }
    return certificate
  }
}

// What libssl holds, as plain values.
extension Certificate {
  private static func line(_ name: OpaquePointer?) -> String? {
    OpenSSL.written { phoenix_print_name($0, name) >= 0 }
      .map { String(decoding: $0, as: UTF8.self) }
  }

  private static func commonName(_ subject: OpaquePointer?) -> String? {
    let index = X509_NAME_get_index_by_NID(subject, NID_commonName, -1)
    guard index >= 0 else { return nil }
    var text: UnsafeMutablePointer<UInt8>?
    let count = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, index)))
    defer { CRYPTO_free(text, #fileID, #line) }
    guard count >= 0, let text else { return nil }
    return String(decoding: UnsafeBufferPointer(start: text, count: Int(count)), as: UTF8.self)
  }

  private static func names(of certificate: OpaquePointer) throws(CryptoError) -> [SubjectName] {
    var critical: Int32 = 0
    guard let names = Owned(phoenix_copy_names(certificate, &critical), phoenix_names_free) else {
      guard critical == -1 else {
        throw CryptoError("read a certificate", "its alternative names are malformed")
      }
      return []
    }
    return (0..<phoenix_names_count(names.raw)).map { index in
      var start: UnsafePointer<UInt8>?
      var count: Int32 = 0
      let type = phoenix_names_get(names.raw, index, &start, &count)
      let bytes = Array(UnsafeBufferPointer(start: start, count: Int(count)))
      let text = String(decoding: bytes, as: UTF8.self)
      switch type {
      case GEN_DNS: return .dns(text.lowercased())
      case GEN_IPADD:
        return SubjectName.addressText(bytes).map { .address($0) } ?? .other("address of \(count) bytes")
      default: return .other(text.isEmpty ? "name of sort \(type)" : text)
      }
    }.sorted()
  }

  private static func time(_ time: UnsafePointer<ASN1_TIME>?) -> WallTime? {
    var parts = tm()
    guard ASN1_TIME_to_tm(time, &parts) == 1 else { return nil }
    return WallTime(seconds: Int64(timegm(&parts)))
  }

  private static func sha1(of certificate: OpaquePointer) -> String? {
    var count: UInt32 = 0
    let digest = [UInt8](unsafeUninitializedCapacity: Int(EVP_MAX_MD_SIZE)) { buffer, initialized in
      if X509_digest(certificate, EVP_sha1(), buffer.baseAddress, &count) == 1 { initialized = Int(count) }
    }
    return digest.isEmpty ? nil : digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  private static func hexadecimal(_ serial: UnsafePointer<ASN1_INTEGER>?) -> String? {
    guard let number = Owned(ASN1_INTEGER_to_BN(serial, nil), BN_free), let text = BN_bn2hex(number.raw)
    else {
      return nil
    }
    defer { CRYPTO_free(text, #fileID, #line) }
    let digits = String(cString: text).lowercased()
    return String(digits.drop { $0 == "0" })
  }

  private static func uses(of certificate: OpaquePointer) -> Set<Use>? {
    let flags = X509_get_extended_key_usage(certificate)
    if flags == UInt32.max || flags & UInt32(XKU_ANYEKU) != 0 { return nil }
    var uses: Set<Use> = []
    if flags & UInt32(XKU_SSL_SERVER) != 0 { uses.insert(.serverAuth) }
    if flags & UInt32(XKU_SSL_CLIENT) != 0 { uses.insert(.clientAuth) }
    return uses
  }
}
