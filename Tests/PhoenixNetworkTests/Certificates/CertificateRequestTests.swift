import PhoenixCore
import PhoenixNetwork
import Testing

struct CertificateRequestTests {
  @Test func theOpensslProgramReadsNamesAndSignature() async throws {
    let key = try PrivateKey.generate()
    let names = ["nginx.internal.example", "*.internal.example", "localhost", "10.0.0.153", "::1"]
    let request = try CertificateRequest(
      commonName: "nginx.internal.example", names: names.compactMap { SubjectName(parsing: $0) }, key: key)
    let text = try await OpenSSLCommand.run(["req", "-verify", "-noout", "-text"], stdin: request.pem)
    #expect(text.contains("Subject: CN = nginx.internal.example"))
    #expect(
      text.contains(
        "DNS:nginx.internal.example, DNS:*.internal.example, DNS:localhost, IP Address:10.0.0.153, "
          + "IP Address:0:0:0:0:0:0:0:1"))
    let der = try await OpenSSLCommand.bytes(["req", "-outform", "DER"], stdin: Array(request.pem.utf8))
    #expect(der == request.der)
  }

  @Test func withoutNamesThereIsNoExtension() async throws {
    let request = try CertificateRequest(commonName: "plain", names: [], key: .generate())
    let text = try await OpenSSLCommand.run(["req", "-verify", "-noout", "-text"], stdin: request.pem)
    #expect(!text.contains("Alternative"))
  }

  @Test(arguments: ["", "a\nb", String(repeating: "x", count: 65), "a\u{0}b"])
  func refusesWhatIsNoCommonName(name: String) throws {
    let key = try PrivateKey.generate()
    #expect(throws: CryptoError.self) { try CertificateRequest(commonName: name, names: [], key: key) }
  }

  @Test(arguments: [
    SubjectName.dns("a b"), .dns("a,DNS:evil.example"), .dns("-a.example"), .dns("a..example"), .dns("*"),
    .dns("a.*.example"), .dns("Upper.example"), .dns("10.0.0.1"), .address("10.0.0"), .address("::01"),
    .other("mail@example"),
  ])
  func refusesWhatIsNoName(name: SubjectName) throws {
    let key = try PrivateKey.generate()
    #expect(throws: CryptoError.self) { try CertificateRequest(commonName: "x", names: [name], key: key) }
  }

  @Test(arguments: [
    ("Nginx.Internal.Example", SubjectName.dns("nginx.internal.example")), ("10.0.0.1", .address("10.0.0.1")),
    ("0:0:0:0:0:0:0:1", .address("::1")), ("*.a.b", .dns("*.a.b")), ("under_score.a", .dns("under_score.a")),
  ])
  func readsNamesAsFilesWriteThem(text: String, name: SubjectName) {
    #expect(SubjectName(parsing: text) == name)
  }

  @Test(arguments: [
    "", " ", "a b", "a\nb", "a.", ".a", "a/b", "ä.example", String(repeating: "a", count: 64),
  ])
  func readsNothingElseAsAName(text: String) {
    #expect(SubjectName(parsing: text) == nil)
  }
}
