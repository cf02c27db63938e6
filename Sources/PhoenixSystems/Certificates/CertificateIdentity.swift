import PhoenixCore
import PhoenixNetwork

extension Certificates {
  /// A certificate with its key.
  struct Identity: Sendable {
    var chain: CertificateChain
    var rootPEM: String
    var key: PrivateKey

    /// How it is recorded; the key lies in a file of its own.
    var record: CertificateRecord.Issued {
      CertificateRecord.Issued(chainPEM: chain.pem, rootPEM: rootPEM, keySHA256: key.publicKeySHA256)
    }

    /// Whom its holder speaks as.
    var tls: TLSIdentity { TLSIdentity(certificateChainPEM: chain.pem, keyPEM: key.pem) }

    /// What matters of it.
    var leaf: Leaf { Leaf(chain, rootsPEM: rootPEM) }

    /// The name of the generation it is delivered as.
    var generation: String { record.generation(notBefore: chain.leaf.notBefore) }
  }
}
