import COpenSSL
public import PhoenixCore

/// A leaf and what leads from it towards a root, as servers send it.
public struct CertificateChain: Sendable, Hashable {
  /// What verification asks the leaf to be good for.
  public enum Purpose: Sendable, Hashable {
    /// A server, for this host name or address.
    case server(host: String)
    /// A client.
    case client
    /// Anything.
    case any
  }

  /// The leaf.
  public let leaf: Certificate
  /// The others, in the order they came.
  public let intermediates: [Certificate]

  /// Creates a chain.
  public init(leaf: Certificate, intermediates: [Certificate] = []) {
    self.leaf = leaf
    self.intermediates = intermediates
  }

  /// Reads a chain: the leaf first.
  ///
  /// - Parameter pem: PEM with at least one certificate and nothing that is none.
  /// - Throws: `CryptoError` when a part of it is no certificate.
  public init(pem: String) throws(CryptoError) {
    let all = try Self.parse(pem)
    guard let leaf = all.first else {
      throw CryptoError("read a certificate chain", "the text holds no certificate")
    }
    self.init(leaf: leaf, intermediates: Array(all.dropFirst()))
  }

  /// Reads all certificates of a bundle, such as the roots; none of an empty text.
  ///
  /// - Parameter pem: PEM, at most 1 MB of it; text between the certificates is skipped.
  /// - Returns: The certificates in their order.
  /// - Throws: `CryptoError` when a part of it is no certificate.
  public static func parse(_ pem: String) throws(CryptoError) -> [Certificate] {
    let doing = "read certificates"
    let bytes = Array(pem.utf8)
    guard bytes.count <= 1 << 20 else { throw CryptoError(doing, "the text is over 1 MB") }
    var certificates: [Certificate] = []
    for block in try blocks(bytes, doing) { certificates.append(try Certificate(der: block)) }
    return certificates
  }

  /// The DER of every PEM block, all of which must be certificates: libssl's own reader skips what is none.
  private static func blocks(_ pem: [UInt8], _ doing: String) throws(CryptoError) -> [[UInt8]] {
    let reader = try OpenSSL.call(doing) { OpenSSL.reader(pem) }
    var blocks: [[UInt8]] = []
    ERR_clear_error()
    while let (label, block) = nextBlock(reader.raw) {
      guard label == "CERTIFICATE" else { throw CryptoError(doing, "there is a \(label) among them") }
      blocks.append(block)
    }
    let error = ERR_peek_last_error()
    guard ERR_GET_LIB(error) == ERR_LIB_PEM, ERR_GET_REASON(error) == PEM_R_NO_START_LINE else {
      throw CryptoError(doing, OpenSSL.reasons())
    }
    ERR_clear_error()
    return blocks
  }

  private static func nextBlock(_ bio: OpaquePointer) -> (label: String, block: [UInt8])? {
    var label: UnsafeMutablePointer<CChar>?
    var header: UnsafeMutablePointer<CChar>?
    var data: UnsafeMutablePointer<UInt8>?
    var count = 0
    guard PEM_read_bio(bio, &label, &header, &data, &count) == 1 else { return nil }
    defer {
      CRYPTO_free(label, #fileID, #line)
      CRYPTO_free(header, #fileID, #line)
      CRYPTO_free(data, #fileID, #line)
    }
    guard let label else { return nil }
    return (String(cString: label), Array(UnsafeBufferPointer(start: data, count: count)))
  }

  /// As PEM, the leaf first.
  public var pem: String { ([leaf] + intermediates).map(\.pem).joined() }

  /// When the last of them becomes valid.
  public var notBefore: WallTime { intermediates.map(\.notBefore).reduce(leaf.notBefore, max) }

  /// When the first of them expires.
  public var notAfter: WallTime { intermediates.map(\.notAfter).reduce(leaf.notAfter, min) }

  /// Checks signatures, validity, purpose and name up to one of the roots.
  ///
  /// - Parameters:
  ///   - roots: Whom we believe.
  ///   - time: The time at which it is to be valid.
  ///   - purpose: What the leaf is to be good for.
  /// - Throws: `CryptoError` with libssl's reason, such as `certificate has expired`.
  public func verify(roots: [Certificate], at time: WallTime, for purpose: Purpose) throws(CryptoError) {
    let doing = "verify the certificate \(leaf.subject)"
    let store = try OpenSSL.call(doing) { Owned(X509_STORE_new(), X509_STORE_free) }
    for root in roots {
      let root = try Certificate.read(root.der)
      try OpenSSL.check(doing) { X509_STORE_add_cert(store.raw, root.raw) == 1 }
    }
    let others = try OpenSSL.call(doing) { Owned(phoenix_certificates_new(), phoenix_certificates_free) }
    for certificate in intermediates {
      let certificate = try Certificate.read(certificate.der)
      try OpenSSL.check(doing) { phoenix_certificates_add(others.raw, certificate.raw) == 1 }
    }
    let first = try Certificate.read(leaf.der)
    let context = try OpenSSL.call(doing) { Owned(X509_STORE_CTX_new(), X509_STORE_CTX_free) }
    try OpenSSL.check(doing) {
      X509_STORE_CTX_init(context.raw, store.raw, first.raw, others.raw) == 1
        && Self.ask(purpose, at: time, X509_STORE_CTX_get0_param(context.raw))
    }
    ERR_clear_error()
    guard X509_verify_cert(context.raw) == 1 else {
      let code = X509_STORE_CTX_get_error(context.raw)
      throw CryptoError(doing, String(cString: X509_verify_cert_error_string(Int(code))))
    }
  }

  private static func ask(_ purpose: Purpose, at time: WallTime, _ parameters: OpaquePointer?) -> Bool {
    X509_VERIFY_PARAM_set_time(parameters, time_t(time.seconds))
    switch purpose {
    case .any: return true
    case .client: return X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_SSL_CLIENT) == 1
    case .server(let host):
      return X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_SSL_SERVER) == 1
        && PeerName.expect(host, parameters)
    }
  }
}
