import FoundationEssentials
import PhoenixCore
import PhoenixNetwork

/// What is asked of an authority. All of it is public on its side, and read-only.
struct AuthorityAPI: Sendable {
  let client: HTTPClient
  let url: String
  let root: Certificate
  let timeout: Duration

  /// The most pages of provisioners that are read: at a hundred each, more than anybody has.
  private static let maximumPages = 100

  /// A provisioner that gives certificates to whoever knows its password.
  struct Provisioner: Hashable {
    let name: String
    let keyID: String
  }

  private struct Health: Decodable {
    let status: String
  }

  private struct Page: Decodable {
    struct Entry: Decodable {
      struct Key: Decodable {
        let kid: String?
      }
      let type: String
      let name: String
      let key: Key?
      let encryptedKey: String?
    }
    let provisioners: [Entry]
    let nextCursor: String?
  }

  /// Maps to `GET /health`.
  ///
  /// - Returns: When it answered, by its clock.
  /// - Throws: When it is not well.
  func health() async throws(Failure) -> WallTime? {
    let (health, response): (Health, HTTPResponse) = try await get(
      "/health", doing: "ask Step-CA for its health")
    guard health.status == "ok" else {
      throw Failure(
        .transient, doing: "ask Step-CA for its health", expected: "ok",
        got: String(health.status.prefix(100)),
        endpoint: url)
    }
    return response.date
  }

  /// Maps to `GET /provisioners`, page by page.
  ///
  /// - Returns: Those of type JWK with an encrypted key, in the authority's order.
  func provisioners() async throws(Failure) -> [Provisioner] {
    let doing = "read Step-CA's provisioners"
    var found: [Provisioner] = []
    var cursor = ""
    for _ in 0..<Self.maximumPages {
      let query = cursor.isEmpty ? "" : "&cursor=\(cursor)"
      let (page, _): (Page, HTTPResponse) = try await get("/provisioners?limit=100\(query)", doing: doing)
      found += page.provisioners.compactMap { entry in
        guard entry.type == "JWK", entry.encryptedKey != nil, let keyID = entry.key?.kid else { return nil }
        return Provisioner(name: entry.name, keyID: keyID)
      }
      guard let next = page.nextCursor, !next.isEmpty else { return found }
      guard next != cursor, next.utf8.allSatisfy(Self.isCursorByte) else {
        throw Failure(.transient, doing: doing, got: "a cursor that leads nowhere", endpoint: url)
      }
      cursor = next
    }
    throw Failure(.transient, doing: doing, got: "more than \(Self.maximumPages) pages", endpoint: url)
  }

  private func get<Answer: Decodable>(
    _ path: String, doing: String
  ) async throws(Failure) -> (Answer, HTTPResponse) {
    let response: HTTPResponse
    do throws(TransportError) {
      response = try await client.send(
        HTTPRequest(.get, url + path, timeout: timeout, maximumBodyBytes: 4 << 20, label: "step-ca"),
        trust: TLSTrust(rootsPEM: root.pem))
    } catch {
      throw error.failure(doing: doing)
    }
    guard response.status == 200 else {
      throw Failure(
        .transient, doing: doing, expected: "status 200", got: "status \(response.status)", endpoint: url)
    }
    guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(response.body)) else {
      throw Failure(.transient, doing: doing, got: "an answer that is not Step-CA's", endpoint: url)
    }
    return (answer, response)
  }

  /// Cursors are padded hexadecimal numbers; anything else stays out of an address.
  private static func isCursorByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "="): true
    default: false
    }
  }
}
