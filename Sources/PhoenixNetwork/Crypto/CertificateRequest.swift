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
    throw CryptoError("", "")
  }
}
