public import PhoenixCore

/// What we show a server that asks for a client certificate.
public struct TLSIdentity: Sendable, Hashable {
  /// Our certificate, then its intermediates, as PEM.
  public let certificateChainPEM: String
  /// The key, as unencrypted PEM.
  public let keyPEM: Secret

  /// Creates an identity.
  public init(certificateChainPEM: String, keyPEM: Secret) {
    self.certificateChainPEM = certificateChainPEM
    self.keyPEM = keyPEM
  }
}

/// Whom we believe. There is no way to believe everybody.
public struct TLSTrust: Sendable, Hashable {
  /// The roots, as PEM.
  public let rootsPEM: String

  /// Creates a trust in some roots.
  public init(rootsPEM: String) { self.rootsPEM = rootsPEM }
}
