import PhoenixCore
import PhoenixNetwork
import Testing

struct JWSTests {
  /// An ECDSA signature as OpenSSL writes it, from r and s.
  private func der(_ raw: [UInt8]) -> [UInt8] {
    func integer(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
      let short = Array(bytes.drop { $0 == 0 })
      let positive = (short.first ?? 0) >= 0x80 ? [0] + short : short
      return [0x02, UInt8(positive.count)] + positive
    }
    let content = integer(raw[..<32]) + integer(raw[32...])
    return [0x30, UInt8(content.count)] + content
  }

  // Often enough that an r or s with leading zeros is among them.
  @Test func signaturesAreAlwaysRawAndFixed() throws {
    let key = try PrivateKey.generate()
    for number in 0..<600 {
      #expect(try JWS.signES256(Array("message \(number)".utf8), key: key).count == 64)
    }
  }

  @Test func theOpensslProgramVerifiesATokensSignature() async throws {
    let key = try PrivateKey.generate()
    let token = try JWS.sign(
      header: #"{"alg":"ES256","kid":"k","typ":"JWT"}"#, payload: #"{"sub":"nginx.internal.example"}"#,
      key: key)
    let parts = token.split(separator: ".").map(String.init)
    #expect(parts.count == 3)
    #expect(
      Base64URL.decode(parts[1]).map { String(decoding: $0, as: UTF8.self) }
        == #"{"sub":"nginx.internal.example"}"#)
    let signature = try #require(Base64URL.decode(parts[2]))
    let publicKey = try await OpenSSLCommand.run(["pkey", "-pubout"], stdin: key.pem.reveal { $0 })
    try await Scratch.with { path in
      try Scratch.write(publicKey, to: "\(path)/public.pem")
      try Scratch.write(bytes: der(signature), to: "\(path)/signature")
      let arguments = ["dgst", "-sha256", "-verify", "\(path)/public.pem", "-signature", "\(path)/signature"]
      let verdict = try await OpenSSLCommand.run(arguments, stdin: "\(parts[0]).\(parts[1])")
      #expect(verdict.contains("Verified OK"))
      await #expect(throws: Trouble.self) {
        try await OpenSSLCommand.run(arguments, stdin: "\(parts[0]).\(parts[1])x")
      }
    }
  }

  @Test func readsTheKeyThatAnotherProgramWrote() async throws {
    let fixture = try JOSEFixture.load()
    let (key, id) = try JWK.parse(Secret(fixture.jwk))
    #expect(id == "fixture-key-id")
    let check = try await OpenSSLCommand.run(["pkey", "-check", "-noout"], stdin: key.pem.reveal { $0 })
    #expect(check.contains("Key is valid"))
  }

  @Test(arguments: [
    "", "[]", "{}", #"{"kty":"RSA"}"#, #"{"kty":"EC","crv":"P-384"}"#, #"{"kty":"EC","crv":"P-256"}"#,
    #"{"kty":"oct","k":"AAAA"}"#, #"{"kty":"EC","crv":"P-256","x":"AA","y":"AA","d":"AA"}"#,
  ])
  func refusesOtherJSON(text: String) {
    #expect(throws: CryptoError.self) { try JWK.parse(Secret(text)) }
  }

  @Test func refusesHalvesThatDoNotFit() throws {
    let fixture = try JOSEFixture.load()
    let other = Base64URL.encode([UInt8](repeating: 7, count: 32))
    let start = try #require(fixture.jwk.firstRange(of: #""d": ""#))
    let mixed = fixture.jwk[..<start.upperBound] + other + #""}"#
    let error = #expect(throws: CryptoError.self) { try JWK.parse(Secret(String(mixed))) }
    #expect(error.map { "\($0)" }?.contains(other) == false)
  }
}

struct HMACTests {
  // RFC 4231, cases 1, 2 and 6.
  @Test(arguments: [
    (
      [UInt8](repeating: 0x0B, count: 20), "Hi There",
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    ),
    (
      Array("Jefe".utf8), "what do ya want for nothing?",
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    ),
    (
      [UInt8](repeating: 0xAA, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
    ),
    ([], "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
  ])
  func agreesWithTheStandard(key: [UInt8], message: String, code: String) throws {
    let made = try HMAC.sha256(Array(message.utf8), key: key)
    #expect(made.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() == code)
  }

  @Test(arguments: [0, 1, 16, 4096]) func randomBytesAreAsManyAndDiffer(count: Int) throws {
    let bytes = try RandomBytes.make(count)
    #expect(bytes.count == count)
    if count >= 16 { #expect(try RandomBytes.make(count) != bytes) }
  }
}
