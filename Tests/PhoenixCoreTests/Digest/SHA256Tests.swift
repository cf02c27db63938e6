import PhoenixCore
import Testing

/// The vectors of FIPS 180-4 and its CAVP, and every length around the padding's edges.
@Suite struct SHA256Tests {
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    ("phönix\n", "bd850e70ec11adb9f7e894fb41f253edcec4d8ea4ee6b82fe814d4c8194c5552"),
  ])
  func knownVectors(message: String, digest: String) {
    #expect(SHA256.hexDigest(of: Array(message.utf8)) == digest)
  }

  @Test func aMillionLetters() {
    let message = [UInt8](repeating: 0x61, count: 1_000_000)
    #expect(
      SHA256.hexDigest(of: message) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  /// The digest of the digests of messages of 0 to 130 bytes, from an independent implementation.
  @Test func everyLengthAroundAPaddingEdge() {
    let digests = (0...130).flatMap { length in SHA256.digest(of: (0..<length).map { UInt8($0) }) }
    #expect(
      SHA256.hexDigest(of: digests) == "e5bbbecd60c3632a3455f465bfd8b079c30ef608d2bcc34227f4e5573029020e")
  }
}
