import FoundationEssentials
import PhoenixCore
import PhoenixNetwork

@testable import PhoenixSystems

extension StepCAServer {
  /// A certificate straight from the intermediate's key, with any validity, also a past one.
  func mint(
    names: [String], key: PrivateKey, notBefore: WallTime? = nil, notAfter: WallTime? = nil,
    extendedKeyUsage: String = "serverAuth,clientAuth"
  ) async throws -> CertificateChain {
    let work = try TemporaryDirectory()
    let now = WallTime(seconds: Int64(Date().timeIntervalSince1970))
    let request = try CertificateRequest(
      commonName: names[0], names: names.compactMap { SubjectName(parsing: $0) }, key: key)
    try work.write(request.pem, to: "csr")
    try work.write("", to: "index")
    try work.make("new")
    try work.write(
      """
      [ca]
      default_ca = own
      [own]
      database = \(work.file("index"))
      new_certs_dir = \(work.file("new"))
      rand_serial = yes
      certificate = \(directory.file("intermediate.pem"))
      private_key = \(directory.file("intermediate.key"))
      default_md = sha256
      policy = any
      unique_subject = no
      copy_extensions = copy
      x509_extensions = leaf
      [any]
      commonName = supplied
      [leaf]
      extendedKeyUsage = \(extendedKeyUsage)
      """, to: "cnf")
    try await Programs.openssl(
      "ca", "-config", work.file("cnf"), "-batch", "-notext", "-in", work.file("csr"), "-out",
      work.file("pem"),
      "-startdate", Self.openSSLTime(notBefore ?? now + .seconds(-60)), "-enddate",
      Self.openSSLTime(notAfter ?? now + .seconds(86_400)))
    return try CertificateChain(pem: try work.text("pem") + (try directory.text("intermediate.pem")))
  }

  /// A certificate by a one-time token, with a validity that may have begun long ago.
  func issue(
    _ wanted: Certificates.DesiredCertificate, key: PrivateKey, notBefore: WallTime, notAfter: WallTime
  ) async throws -> CertificateChain {
    let client = HTTPClient()
    let provisioner = try JWK.parse(try JWE.decrypt(Self.encryptedKey, passphrase: Self.password))
    let request = try CertificateRequest(
      commonName: wanted.commonName, names: wanted.names.compactMap { SubjectName(parsing: $0) },
      key: key)
    let token = try OneTimeToken.make(
      for: wanted, issuer: Self.provisioner, keyID: provisioner.id ?? "", key: provisioner.key,
      audience: "\(url)/1.0/sign", rootSHA256: root.sha256,
      now: WallTime(seconds: Int64(Date().timeIntervalSince1970)))
    let body = token.reveal { token in
      #"{"csr": "\#(request.pem.split(separator: "\n").joined(separator: "\\n"))", "ott": "\#(token)", "#
        + #""notBefore": "\#(notBefore.utcText)", "notAfter": "\#(notAfter.utcText)"}"#
    }
    let response = try await client.send(
      HTTPRequest(.post, "\(url)/sign", body: Array(body.utf8), label: "test"),
      trust: TLSTrust(rootsPEM: root.pem))
    await client.shutdown()
    struct Answer: Decodable { let certChain: [String] }
    guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(response.body)) else {
      throw Trouble("step-ca says \(response.status): \(response.text)")
    }
    return try CertificateChain(pem: answer.certChain.joined(separator: "\n"))
  }

  /// Revokes a certificate by its own word.
  func revoke(_ identity: TLSIdentity, serial: String) async throws {
    let client = HTTPClient()
    let decimal = try await Programs.run([
      "/usr/bin/python3", "-c", "import sys; print(int(sys.argv[1], 16), end='')", serial,
    ])
    let body = #"{"serial": "\#(decimal)", "reasonCode": 1, "reason": "test", "passive": true}"#
    let response = try await client.send(
      HTTPRequest(.post, "\(url)/revoke", body: Array(body.utf8), label: "test"),
      trust: TLSTrust(rootsPEM: root.pem), identity: identity)
    await client.shutdown()
    guard response.status == 200 else {
      throw Trouble("revoke: step-ca says \(response.status): \(response.text)")
    }
  }

  /// `20261123204453Z`.
  private static func openSSLTime(_ time: WallTime) -> String {
    String(time.utcText.filter(\.isNumber)) + "Z"
  }
}
