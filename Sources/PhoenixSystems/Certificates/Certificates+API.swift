import FoundationEssentials
import PhoenixCore
import PhoenixHost
import PhoenixNetwork

/// What an authority is asked for certificates with.
struct IssuingAPI: Sendable {
  /// An answer that says no.
  struct Refusal: Error {
    let status: Int
    /// What the authority says about it; the same for every 401.
    let message: String
    /// Its clock minus ours, in seconds; nil when it did not say.
    let skew: Int?
  }

  /// Why there is no certificate.
  enum Trouble: Error {
    case refused(Refusal)
    case transport(TransportError)
    /// The answer is not the authority's.
    case garbled(String)
  }

  private struct SignRequest: Encodable {
    let csr: String
    let ott: String
    let notAfter: String?
  }

  private struct RekeyRequest: Encodable {
    let csr: String
  }

  private struct Issued: Decodable {
    let crt: String
    let ca: String?
    let certChain: [String]?
  }

  private struct EncryptedKey: Decodable {
    let key: String
  }

  private struct ErrorAnswer: Decodable {
    let message: String?
  }

  let client: HTTPClient
  let url: String
  let root: Certificate
  let clock: HostClock

  /// Maps to `GET /provisioners/{kid}/encrypted-key`.
  ///
  /// - Parameter keyID: The provisioner's key id.
  /// - Returns: The key (JWE), and the authority's clock minus ours.
  /// - Throws: `Trouble` when there is no key in the answer, or no answer.
  func encryptedKey(_ keyID: String) async throws(Trouble) -> (token: String, offset: Duration) {
    guard keyID.utf8.allSatisfy(Self.isKeyIDByte) else { throw .garbled("a key id that is none") }
    let before = clock.wall()
    let response = try await send(
      HTTPRequest(
        .get, "\(url)/provisioners/\(keyID)/encrypted-key", timeout: .seconds(10), maximumBodyBytes: 1 << 18,
        label: "step-ca"), expecting: 200)
    let middle = before + (clock.wall() - before) / 2
    // Rounded up: a token must not be older than an authority that has just started.
    let offset = response.date.map { $0 + .seconds(1) - middle } ?? .zero
    guard let answer = try? JSONDecoder().decode(EncryptedKey.self, from: Data(response.body)) else {
      throw .garbled("an answer without a key")
    }
    return (answer.key, offset)
  }

  /// Maps to `POST /sign`.
  ///
  /// - Parameters:
  ///   - request: The request, signed by the new key.
  ///   - token: A fresh one-time token.
  ///   - lifetime: How long it should be valid; nil for what the authority gives.
  /// - Returns: The certificate with its chain. Nothing of it is checked yet.
  /// - Throws: `Trouble` when there is none.
  func sign(
    _ request: CertificateRequest, token: Secret, lifetime: Duration?
  ) async throws(Trouble) -> CertificateChain {
    let body = token.reveal { token in
      Self.json(
        SignRequest(
          csr: request.pem, ott: token, notAfter: lifetime.map { "\($0.wholeMilliseconds / 1000)s" }))
    }
    return try await issue("/sign", body: body, identity: nil)
  }

  /// Maps to `POST /rekey`: the same names and lifetime for a new key.
  ///
  /// - Parameters:
  ///   - request: The request, of which only the key counts.
  ///   - identity: The certificate that is to be succeeded, with its key.
  /// - Returns: The certificate with its chain. Nothing of it is checked yet.
  /// - Throws: `Trouble` when there is none.
  func rekey(
    _ request: CertificateRequest, identity: TLSIdentity
  ) async throws(Trouble) -> CertificateChain {
    try await issue("/rekey", body: Self.json(RekeyRequest(csr: request.pem)), identity: identity)
  }

  private func issue(
    _ path: String, body: [UInt8], identity: TLSIdentity?
  ) async throws(Trouble) -> CertificateChain {
    let response = try await send(
      HTTPRequest(
        .post, url + path, headers: [HTTPHeader("content-type", "application/json")], body: body,
        timeout: .seconds(20), maximumBodyBytes: 1 << 20, label: "step-ca"),
      identity: identity, expecting: 201)
    guard let answer = try? JSONDecoder().decode(Issued.self, from: Data(response.body)) else {
      throw .garbled("an answer without a certificate")
    }
    let pem =
      answer.certChain?.joined(separator: "\n") ?? [answer.crt, answer.ca ?? ""].joined(separator: "\n")
    guard let chain = try? CertificateChain(pem: pem) else {
      throw .garbled("an answer whose certificates cannot be read")
    }
    return chain
  }

  private func send(
    _ request: HTTPRequest, identity: TLSIdentity? = nil, expecting status: Int
  ) async throws(Trouble) -> HTTPResponse {
    let response: HTTPResponse
    let before = clock.wall()
    do throws(TransportError) {
      response = try await client.send(request, trust: TLSTrust(rootsPEM: root.pem), identity: identity)
    } catch {
      throw .transport(error)
    }
    guard response.status == status else {
      if response.status < 400 { throw .garbled("status \(response.status) instead of \(status)") }
      let message = (try? JSONDecoder().decode(ErrorAnswer.self, from: Data(response.body)))?.message
      throw .refused(
        Refusal(
          status: response.status, message: String((message ?? "").escapedForTerminals.prefix(300)),
          skew: response.date.map { Int(($0 - before).components.seconds) }))
    }
    return response
  }

  private static func json(_ value: some Encodable) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(value)).map { Array($0) } ?? []
  }

  private static func isKeyIDByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"): true
    default: false
    }
  }
}
