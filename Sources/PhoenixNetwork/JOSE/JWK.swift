import COpenSSL
import FoundationEssentials
public import PhoenixCore

/// A private key as JSON (RFC 7517), as a Step-CA provisioner's encrypted key holds it.
public enum JWK {
  private struct Parts: Decodable {
    let kty: String
    let crv: String?
    let x: String?
    let y: String?
    let d: String?
    let kid: String?
  }

  /// Reads a private EC P-256 key.
  ///
  /// - Parameter json: The object.
  /// - Returns: The key, and its `kid`.
  /// - Throws: `CryptoError` when it is another sort of key or its parts do not fit together.
  public static func parse(_ json: Secret) throws(CryptoError) -> (key: PrivateKey, id: String?) {
    let doing = "read a JSON web key"
    // What the decoder says could quote the key.
    guard let parts = json.reveal({ try? JSONDecoder().decode(Parts.self, from: Data($0.utf8)) }) else {
      throw CryptoError(doing, "it is no JSON object with the members of a key")
    }
    guard parts.kty == "EC", parts.crv == "P-256" else { throw CryptoError(doing, "it is no EC P-256 key") }
    guard let x = parts.x.flatMap({ Base64URL.decode($0) }), x.count == 32,
      let y = parts.y.flatMap({ Base64URL.decode($0) }), y.count == 32,
      let d = parts.d.flatMap({ Base64URL.decode($0) }), (1...32).contains(d.count)
    else { throw CryptoError(doing, "x, y or d is missing or has a wrong length") }
    let reader = try OpenSSL.call(doing) { OpenSSL.reader(privateKeyDER(d: d, x: x, y: y)) }
    let key = try OpenSSL.call(doing) { Owned(d2i_PrivateKey_bio(reader.raw, nil), EVP_PKEY_free) }
    return (try PrivateKey(key), parts.kid)
  }

  /// An ECPrivateKey (RFC 5915) on P-256; every length in it is fixed.
  private static func privateKeyDER(d: [UInt8], x: [UInt8], y: [UInt8]) -> [UInt8] {
    let versionAndKey: [UInt8] = [0x30, 0x77, 0x02, 0x01, 0x01, 0x04, 0x20]
    let curve: [UInt8] = [0xA0, 0x0A, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]
    let point: [UInt8] = [0xA1, 0x44, 0x03, 0x42, 0x00, 0x04]
    let padding = [UInt8](repeating: 0, count: 32 - d.count)
    return versionAndKey + padding + d + curve + point + x + y
  }
}
