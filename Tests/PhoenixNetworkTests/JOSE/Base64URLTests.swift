import FuzzKit
import PhoenixNetwork
import Testing

struct Base64URLTests {
  @Test(arguments: [
    ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
    ("foobar", "Zm9vYmFy"), ("\u{3ff}\u{3ff}", "z7_Pvw"),
  ])
  func encodesAndDecodes(text: String, encoded: String) {
    #expect(Base64URL.encode(Array(text.utf8)) == encoded)
    #expect(Base64URL.decode(encoded) == Array(text.utf8))
  }

  @Test(arguments: ["Z", "Zg==", "Zh", "Zm9", "Zm+v", "Zm/v", "Zm 9v", "Zm9v\n", "Zm9vä", "A"])
  func refusesWhatIsNotCanonical(text: String) {
    #expect(Base64URL.decode(text) == nil)
  }

  @Test func fuzzedTextThatDecodesEncodesToItself() {
    Fuzz.run([Array("eyJhbGciOiJFUzI1NiJ9-_".utf8)]) { bytes in
      let text = String(decoding: bytes, as: UTF8.self)
      if let decoded = Base64URL.decode(text) { #expect(Base64URL.encode(decoded) == text) }
      #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
    }
  }
}
