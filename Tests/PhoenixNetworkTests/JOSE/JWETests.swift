import FoundationEssentials
import FuzzKit
import PhoenixCore
import PhoenixNetwork
import Testing

/// Recorded by Fixtures/record_jwe.py.
struct JOSEFixture: Decodable {
  let passphrase: String
  let jwk: String
  let token: String
  let quick: String
  let billion: String
  let otherAlgorithm: String
  let zipped: String

  static func load() throws -> JOSEFixture {
    guard let text = Scratch.read(Fixture.path("jwe.json")) else { throw Trouble("jwe.json is missing") }
    return try JSONDecoder().decode(JOSEFixture.self, from: Data(text.utf8))
  }
}

struct JWETests {
  @Test func decryptsWhatAnotherProgramEncrypted() throws {
    let fixture = try JOSEFixture.load()
    let key = try JWE.decrypt(fixture.token, passphrase: Secret(fixture.passphrase))
    #expect(key.reveal { $0 } == fixture.jwk)
    #expect(try JWK.parse(key).id == "fixture-key-id")
  }

  @Test(arguments: ["", "correct horse battery stapl", "correct horse battery staple\n"])
  func aWrongPassphraseSaysSoAndShowsNothing(passphrase: String) throws {
    let fixture = try JOSEFixture.load()
    let error = #expect(throws: CryptoError.self) {
      try JWE.decrypt(fixture.quick, passphrase: Secret(passphrase))
    }
    #expect(error?.got == "the passphrase is wrong")
  }

  @Test func aBillionRoundsAreRefusedBeforeAnyWork() throws {
    let fixture = try JOSEFixture.load()
    let clock = ContinuousClock()
    let time = clock.measure {
      let error = #expect(throws: CryptoError.self) {
        try JWE.decrypt(fixture.billion, passphrase: Secret(fixture.passphrase))
      }
      #expect(error?.got.contains("1000000000 rounds") == true)
    }
    // It would take minutes.
    #expect(time < .seconds(5))
  }

  @Test func otherAlgorithmsAreRefused() throws {
    let fixture = try JOSEFixture.load()
    for token in [fixture.otherAlgorithm, fixture.zipped] {
      let error = #expect(throws: CryptoError.self) {
        try JWE.decrypt(token, passphrase: Secret(fixture.passphrase))
      }
      #expect(error?.got.contains("it is not of") == true)
    }
  }

  @Test func aChangedTokenIsRefused() throws {
    let fixture = try JOSEFixture.load()
    let parts = fixture.quick.split(separator: ".").map(String.init)
    for index in 1..<5 {
      var changed = parts
      guard var bytes = Base64URL.decode(parts[index]) else { throw Trouble("the fixture is malformed") }
      bytes[0] ^= 1
      changed[index] = Base64URL.encode(bytes)
      #expect(throws: CryptoError.self) {
        try JWE.decrypt(changed.joined(separator: "."), passphrase: Secret(fixture.passphrase))
      }
    }
  }

  @Test(arguments: [
    "", ".", "....", "a.b.c.d", "a.b.c.d.e.f", "e30.AAAA.AAAA.AAAA.AAAA",
    String(repeating: "A", count: 70_000),
  ])
  func refusesWhatIsNoToken(text: String) {
    #expect(throws: CryptoError.self) { try JWE.decrypt(text, passphrase: Secret("x")) }
  }

  @Test func fuzzedTokensAreNotOpened() throws {
    let fixture = try JOSEFixture.load()
    let passphrase = Secret(fixture.passphrase)
    Fuzz.run([Array(fixture.quick.utf8)]) { bytes in
      let text = String(decoding: bytes, as: UTF8.self)
      // A mutation may ask for up to a million rounds; that is slow, not wrong.
      if let plain = try? JWE.decrypt(text, passphrase: passphrase) {
        #expect(plain.reveal { $0 } == "quick")
        #expect(text == fixture.quick)
      }
    }
  }

  @Test func fuzzedKeysAreRead() throws {
    let fixture = try JOSEFixture.load()
    Fuzz.run([Array(fixture.jwk.utf8)]) { bytes in
      _ = try? JWK.parse(Secret(String(decoding: bytes, as: UTF8.self)))
    }
  }
}
