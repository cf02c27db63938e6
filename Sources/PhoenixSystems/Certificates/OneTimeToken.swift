import FoundationEssentials
import PhoenixCore
import PhoenixNetwork

/// The word of a provisioner that somebody may have a certificate: signed, good for five minutes and one use.
struct OneTimeToken {
  private static let lifetime: Int64 = 300

  private struct Header: Encodable {
    let alg = "ES256"
    let kid: String
    let typ = "JWT"
  }

  private struct Claims: Encodable {
    let iss: String
    let aud: String
    let sub: String
    let sans: [String]
    let sha: String
    let nbf: Int64
    let iat: Int64
    let exp: Int64
    let jti: String
  }

  /// Makes a token. Each one is new: the authority takes none twice, not even one whose request it refused.
  ///
  /// - Parameters:
  ///   - wanted: Whose names it is for.
  ///   - issuer: The provisioner's name.
  ///   - keyID: The provisioner's key id.
  ///   - key: The provisioner's key.
  ///   - audience: The address it is shown to.
  ///   - rootSHA256: The root's fingerprint.
  ///   - now: By the authority's clock, and never before that: what is older than its start is refused.
  /// - Returns: The token, which is a secret until it is used.
  /// - Throws: `CryptoError` when libssl refuses to sign.
  static func make(
    for wanted: Certificates.DesiredCertificate, issuer: String, keyID: String, key: PrivateKey,
    audience: String, rootSHA256: String, now: WallTime
  ) throws(CryptoError) -> Secret {
    let id = try RandomBytes.make(32).map { byte in
      let text = String(byte, radix: 16)
      return byte < 16 ? "0\(text)" : text
    }.joined()
    let claims = Claims(
      iss: issuer, aud: audience, sub: wanted.commonName, sans: wanted.names, sha: rootSHA256,
      nbf: now.seconds, iat: now.seconds, exp: now.seconds + Self.lifetime, jti: id)
    return Secret(
      try JWS.sign(header: try json(Header(kid: keyID)), payload: try json(claims), key: key))
  }

  private static func json(_ value: some Encodable) throws(CryptoError) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(value) else {
      throw CryptoError("make a one-time token", "a name that is no text")
    }
    return String(decoding: data, as: UTF8.self)
  }
}
