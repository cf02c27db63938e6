import PhoenixCore
import PhoenixNetwork

/// Opens provisioners' keys. That takes up to a second of work on purpose, so it has a queue of its own.
actor ProvisionerKeys {
  private let executor = QueueExecutor(label: "phoenix.provisioner-keys")
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// Opens an encrypted key.
  ///
  /// - Parameters:
  ///   - token: The key as the authority keeps it (JWE).
  ///   - password: The provisioner's password.
  /// - Returns: The key.
  /// - Throws: When the password is wrong, or the token is none that may be opened.
  func open(_ token: String, password: Secret) throws(CryptoError) -> PrivateKey {
    try JWK.parse(try JWE.decrypt(token, passphrase: password)).key
  }
}
