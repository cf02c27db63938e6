import PhoenixCore
import PhoenixNetwork

/// A root, an intermediate, and certificates for every case: made once, by the openssl program, from our own
/// requests.
struct TestPKI: Sendable {
  /// Signs what it is given.
  struct Authority: Sendable {
    let certificate: Certificate
    let key: PrivateKey
  }

  let root: Authority
  let intermediate: Authority
  /// A root that nobody trusts.
  let strangerRoot: Authority
  /// For 127.0.0.1, localhost and server.internal.example; good for servers and clients, as Step-CA's leaves are.
  let server: TLSIdentity
  let expired: TLSIdentity
  let wrongName: TLSIdentity
  let selfSigned: TLSIdentity
  let client: TLSIdentity
  /// By the intermediate of nobody's root.
  let stranger: TLSIdentity

  var trust: TLSTrust { TLSTrust(rootsPEM: root.certificate.pem) }

  private static let made = Task { try await make() }

  /// The one that all tests share.
  static var shared: TestPKI { get async throws { try await made.value } }

  private static func make() async throws -> TestPKI {
    let root = try await authority("Test Root")
    let intermediate = try await authority("Test Intermediate", by: root)
    let strangerRoot = try await authority("Test Root")
    let local = ["127.0.0.1", "localhost", "server.internal.example"]
    return TestPKI(
      root: root, intermediate: intermediate, strangerRoot: strangerRoot,
      server: try await leaf("server", local, by: intermediate),
      expired: try await leaf("expired", local, by: intermediate, days: -1),
      wrongName: try await leaf("other", ["other.internal.example"], by: intermediate),
      selfSigned: try await leaf("self", local, by: nil),
      client: try await leaf("client", ["client.internal.example"], by: intermediate),
      stranger: try await leaf("server", local, by: strangerRoot))
  }

  /// Issues a certificate for a fresh key.
  static func leaf(
    _ commonName: String, _ names: [String], by authority: Authority?, days: Int = 2,
    extensions: String = "extendedKeyUsage = serverAuth, clientAuth\n"
  ) async throws -> TLSIdentity {
    let key = try PrivateKey.generate()
    let request = try CertificateRequest(
      commonName: commonName, names: names.compactMap { SubjectName(parsing: $0) }, key: key)
    let pem = try await sign(request, key, by: authority, days: days, extensions: extensions)
    let chain =
      pem
      + (authority.map { $0.certificate.subject == $0.certificate.issuer ? "" : $0.certificate.pem } ?? "")
    return TLSIdentity(certificateChainPEM: chain, keyPEM: key.pem)
  }

  private static func authority(_ commonName: String, by issuer: Authority? = nil) async throws -> Authority {
    let key = try PrivateKey.generate()
    let request = try CertificateRequest(commonName: commonName, names: [], key: key)
    let extensions = "basicConstraints = critical, CA:TRUE\nkeyUsage = critical, keyCertSign, cRLSign\n"
    let pem = try await sign(request, key, by: issuer, days: 30, extensions: extensions)
    return Authority(certificate: try Certificate(pem: pem), key: key)
  }

  private static func sign(
    _ request: CertificateRequest, _ key: PrivateKey, by authority: Authority?, days: Int, extensions: String
  ) async throws -> String {
    try await Scratch.with { path in
      let signer = authority?.key ?? key
      try signer.pem.reveal { try Scratch.write($0, to: "\(path)/key.pem") }
      try Scratch.write(extensions, to: "\(path)/extensions")
      var arguments = [
        "x509", "-req", "-days", "\(days)", "-copy_extensions", "copyall", "-extfile", "\(path)/extensions",
      ]
      if let authority {
        try Scratch.write(authority.certificate.pem, to: "\(path)/ca.pem")
        arguments += ["-CA", "\(path)/ca.pem", "-CAkey", "\(path)/key.pem"]
      } else {
        arguments += ["-signkey", "\(path)/key.pem"]
      }
      return try await OpenSSLCommand.run(arguments, stdin: request.pem)
    }
  }
}
