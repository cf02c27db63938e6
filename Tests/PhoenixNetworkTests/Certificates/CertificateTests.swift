import FuzzKit
import PhoenixCore
import PhoenixNetwork
import Testing

@Suite(.timeLimit(.minutes(60)))
struct CertificateTests {
  @Test func agreesWithTheOpensslProgram() async throws {
    let pki = try await TestPKI.shared
    let chain = try CertificateChain(pem: pki.server.certificateChainPEM)
    let leaf = chain.leaf
    let text = try await OpenSSLCommand.run(
      ["x509", "-noout", "-serial", "-fingerprint", "-sha256", "-enddate", "-dateopt", "iso_8601"],
      stdin: leaf.pem)
    let lines = text.lowercased().split(separator: "\n").map(String.init)
    let serial = lines.first { $0.hasPrefix("serial=") }.map { String($0.dropFirst(7).drop { $0 == "0" }) }
    #expect(serial == leaf.serial)
    let fingerprint = lines.first { $0.hasPrefix("sha256 fingerprint=") }?.filter { $0 != ":" }
    #expect(fingerprint?.hasSuffix(leaf.sha256) == true)
    let short = try await OpenSSLCommand.run(["x509", "-noout", "-fingerprint", "-sha1"], stdin: leaf.pem)
    #expect(short.lowercased().filter { $0 != ":" } == "sha1 fingerprint=\(leaf.sha1)\n")
    let der = try await OpenSSLCommand.bytes(["x509", "-outform", "DER"], stdin: Array(leaf.pem.utf8))
    #expect(der == leaf.der)
    #expect(leaf.commonName == "server")
    #expect(leaf.subject == "CN=server")
    #expect(leaf.issuer == "CN=Test Intermediate")
    #expect(leaf.names == [.dns("localhost"), .dns("server.internal.example"), .address("127.0.0.1")])
    #expect(leaf.notAfter - leaf.notBefore == .seconds(2 * 86_400))
    #expect(leaf.uses == [.serverAuth, .clientAuth])
    #expect(!leaf.isAuthority)
    #expect(chain.intermediates.map(\.isAuthority) == [true])
    #expect(chain.intermediates.first?.uses == nil)
    #expect(try Certificate(pem: leaf.pem) == leaf)
    #expect(try CertificateChain(pem: chain.pem) == chain)
  }

  @Test func matchesItsKeyAndNoOther() async throws {
    let pki = try await TestPKI.shared
    let leaf = try CertificateChain(pem: pki.server.certificateChainPEM).leaf
    #expect(leaf.matches(try PrivateKey(pem: pki.server.keyPEM)))
    #expect(!leaf.matches(try PrivateKey(pem: pki.client.keyPEM)))
  }

  @Test(arguments: [
    ("localhost", true), ("LOCALHOST", true), ("127.0.0.1", true), ("server.internal.example", true),
    ("127.0.0.2", false), ("example", false), ("server", false), ("", false),
  ])
  func knowsItsHosts(host: String, isIts: Bool) async throws {
    let pki = try await TestPKI.shared
    let leaf = try CertificateChain(pem: pki.server.certificateChainPEM).leaf
    #expect(leaf.isValid(for: host) == isIts)
  }

  struct Verdict: Sendable, CustomTestStringConvertible {
    enum Which: Sendable { case server, expired, selfSigned, stranger, withoutIntermediate }
    let which: Which
    var purpose = CertificateChain.Purpose.any
    var offset = Duration.zero
    let isGood: Bool
    var testDescription: String { "\(which) \(purpose) \(offset)" }
  }

  @Test(arguments: [
    Verdict(which: .server, isGood: true),
    Verdict(which: .server, purpose: .server(host: "localhost"), isGood: true),
    Verdict(which: .server, purpose: .server(host: "127.0.0.1"), isGood: true),
    Verdict(which: .server, purpose: .client, isGood: true),
    Verdict(which: .server, purpose: .server(host: "other.example"), isGood: false),
    Verdict(which: .server, purpose: .server(host: "127.0.0.2"), isGood: false),
    Verdict(which: .server, purpose: .server(host: ""), isGood: false),
    Verdict(which: .server, offset: .seconds(3 * 86_400), isGood: false),
    Verdict(which: .server, offset: .seconds(-86_400), isGood: false),
    Verdict(which: .expired, isGood: false),
    Verdict(which: .selfSigned, isGood: false),
    Verdict(which: .stranger, isGood: false),
    Verdict(which: .withoutIntermediate, isGood: false),
  ])
  func verifiesChains(verdict: Verdict) async throws {
    let pki = try await TestPKI.shared
    let pem =
      switch verdict.which {
      case .server, .withoutIntermediate: pki.server.certificateChainPEM
      case .expired: pki.expired.certificateChainPEM
      case .selfSigned: pki.selfSigned.certificateChainPEM
      case .stranger: pki.stranger.certificateChainPEM
      }
    var chain = try CertificateChain(pem: pem)
    if verdict.which == .withoutIntermediate { chain = CertificateChain(leaf: chain.leaf) }
    // The middle of the validity of those that are valid at all.
    let time =
      try CertificateChain(pem: pki.server.certificateChainPEM).leaf.notBefore + .seconds(3600)
      + verdict.offset
    if verdict.isGood {
      try chain.verify(roots: [pki.root.certificate], at: time, for: verdict.purpose)
    } else {
      #expect(throws: CryptoError.self) {
        try chain.verify(roots: [pki.root.certificate], at: time, for: verdict.purpose)
      }
    }
  }

  @Test func refusesAUseThatTheCertificateDoesNotHave() async throws {
    let pki = try await TestPKI.shared
    let identity = try await TestPKI.leaf(
      "only-server", ["localhost"], by: pki.intermediate, extensions: "extendedKeyUsage = serverAuth\n")
    let chain = try CertificateChain(pem: identity.certificateChainPEM)
    #expect(chain.leaf.uses == [.serverAuth])
    let time = chain.leaf.notBefore + .seconds(60)
    try chain.verify(roots: [pki.root.certificate], at: time, for: .server(host: "localhost"))
    let error = #expect(throws: CryptoError.self) {
      try chain.verify(roots: [pki.root.certificate], at: time, for: .client)
    }
    #expect(error?.got.contains("purpose") == true)
  }

  @Test func aChainExpiresWithItsFirst() async throws {
    let pki = try await TestPKI.shared
    let chain = try CertificateChain(pem: pki.server.certificateChainPEM)
    #expect(chain.notAfter == chain.leaf.notAfter)
    let turned = CertificateChain(leaf: pki.intermediate.certificate, intermediates: [chain.leaf])
    #expect(turned.notAfter == chain.leaf.notAfter)
  }

  @Test func refusesWhatIsNoCertificate() async throws {
    let pki = try await TestPKI.shared
    let leaf = try CertificateChain(pem: pki.server.certificateChainPEM).leaf
    let key = pki.server.keyPEM.reveal { $0 }
    for text in [
      "", "hello", key, leaf.pem + key, leaf.pem.replacing("END", with: "ENDE"), leaf.pem + leaf.pem,
    ] {
      #expect(throws: CryptoError.self) { try Certificate(pem: text) }
    }
    for text in [
      key, leaf.pem + key, String(leaf.pem.prefix(200)), leaf.pem + "-----BEGIN CERTIFICATE-----\nAAAA",
    ] {
      #expect(throws: CryptoError.self) { try CertificateChain.parse(text) }
    }
    #expect(throws: CryptoError.self) { try Certificate(der: leaf.der + [0]) }
    #expect(throws: CryptoError.self) { try Certificate(der: Array(leaf.der.dropLast())) }
    #expect(throws: CryptoError.self) { try Certificate(der: []) }
    #expect(throws: CryptoError.self) { try CertificateChain(pem: "") }
    #expect(try CertificateChain.parse("") == [])
    #expect(try CertificateChain.parse("# roots\n\(leaf.pem)\n# more\n\(leaf.pem)") == [leaf, leaf])
  }

  @Test func fuzzedCertificatesAreNotTrusted() async throws {
    let pki = try await TestPKI.shared
    let chain = try CertificateChain(pem: pki.server.certificateChainPEM)
    Fuzz.run([chain.leaf.der, pki.root.certificate.der]) { bytes in
      guard let certificate = try? Certificate(der: bytes) else { return }
      let read = CertificateChain(leaf: certificate, intermediates: chain.intermediates)
      // Nothing but the certificate itself is trusted.
      if (try? read.verify(roots: [pki.root.certificate], at: chain.leaf.notBefore, for: .any)) != nil {
        #expect(certificate.publicKeySHA256 == chain.leaf.publicKeySHA256 || certificate.isAuthority)
      }
    }
  }

  @Test func fuzzedPEMIsRead() async throws {
    let pem = try await TestPKI.shared.server.certificateChainPEM
    Fuzz.run([Array(pem.utf8)]) { _ = try? CertificateChain.parse(String(decoding: $0, as: UTF8.self)) }
  }
}
