import PhoenixCore
import PhoenixNetwork
import Testing

struct PrivateKeyTests {
  @Test func theOpensslProgramReadsWhatWeMake() async throws {
    let key = try PrivateKey.generate()
    let pem = key.pem.reveal { $0 }
    #expect(pem.hasPrefix("-----BEGIN PRIVATE KEY-----\n"))
    let text = try await OpenSSLCommand.run(["pkey", "-check", "-text", "-noout"], stdin: pem)
    #expect(text.contains("Key is valid"))
    #expect(text.contains("prime256v1"))
    let publicKey = try await OpenSSLCommand.run(["pkey", "-pubout"], stdin: pem)
    let digest = try await OpenSSLCommand.run(
      ["pkey", "-pubin", "-outform", "DER"], stdin: publicKey, then: ["dgst", "-sha256", "-hex"])
    #expect(digest.contains(key.publicKeySHA256))
  }

  @Test func readsItselfAndSEC1Again() async throws {
    let key = try PrivateKey.generate()
    #expect(try PrivateKey(pem: key.pem) == key)
    let sec1 = try await OpenSSLCommand.run(["ec"], stdin: key.pem.reveal { $0 })
    #expect(sec1.contains("BEGIN EC PRIVATE KEY"))
    #expect(try PrivateKey(pem: Secret(sec1)) == key)
  }

  @Test func twoKeysDiffer() throws {
    #expect(try PrivateKey.generate() != PrivateKey.generate())
  }

  @Test(arguments: [
    ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
    ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp384r1"],
    ["genpkey", "-algorithm", "ED25519"],
    [
      "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-aes128", "-pass", "pass:x",
    ],
  ])
  func refusesOtherKeys(arguments: [String]) async throws {
    let pem = try await OpenSSLCommand.run(arguments)
    #expect(throws: CryptoError.self) { try PrivateKey(pem: Secret(pem)) }
  }

  @Test(arguments: [
    "", "hello", "-----BEGIN PRIVATE KEY-----\n",
    "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
  ])
  func refusesWhatIsNoKey(text: String) {
    #expect(throws: CryptoError.self) { try PrivateKey(pem: Secret(text)) }
  }

  @Test func isNeverPrinted() throws {
    let key = try PrivateKey.generate()
    let canary = key.pem.reveal { $0.split(separator: "\n")[1] }
    var dumped = ""
    dump(key, to: &dumped)
    for text in ["\(key)", String(reflecting: key), dumped] { #expect(!text.contains(canary)) }
  }
}
