import FoundationEssentials
import PhoenixCore
import PhoenixNetwork
import Testing

@testable import PhoenixSystems

@Suite("One-time tokens")
struct OneTimeTokenTests {
  private struct Claims: Decodable {
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

  private func claims(now: WallTime) throws -> (header: String, claims: Claims) {
    let token = try OneTimeToken.make(
      for: CertificateFixtures.wanted, issuer: "admin@phoenix.example", keyID: "kid",
      key: PrivateKey.generate(),
      audience: "https://10.0.0.10:9000/1.0/sign", rootSHA256: "root", now: now)
    let parts = token.reveal { $0.split(separator: ".").map(String.init) }
    #expect(parts.count == 3 && Base64URL.decode(parts[2])?.count == 64)
    let header = String(decoding: try #require(Base64URL.decode(parts[0])), as: UTF8.self)
    let payload = try #require(Base64URL.decode(parts[1]))
    return (header, try JSONDecoder().decode(Claims.self, from: Data(payload)))
  }

  @Test("They say who, for whom and for how long, by the authority's clock and never before it")
  func contents() throws {
    let now = WallTime(milliseconds: 1_800_000_000_999)
    let (header, claims) = try claims(now: now)
    #expect(header == #"{"alg":"ES256","kid":"kid","typ":"JWT"}"#)
    #expect(claims.iss == "admin@phoenix.example")
    #expect(claims.aud == "https://10.0.0.10:9000/1.0/sign")
    #expect(claims.sub == "nginx.internal.example")
    #expect(claims.sans == ["*.internal.example", "10.0.0.153", "nginx.internal.example"])
    #expect(claims.sha == "root")
    #expect(claims.iat == 1_800_000_000 && claims.nbf == claims.iat && claims.exp == claims.iat + 300)
  }

  @Test("No two are the same")
  func fresh() throws {
    let now = WallTime(seconds: 1_800_000_000)
    let ids = try (0..<20).map { _ in try claims(now: now).claims.jti }
    #expect(Set(ids).count == 20)
    #expect(ids.allSatisfy { $0.utf8.count == 64 })
  }
}
