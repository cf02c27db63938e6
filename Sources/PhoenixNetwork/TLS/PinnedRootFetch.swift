import FoundationEssentials

/// Whether libcurl verifies the server's chain. Only this file can make the exception.
struct PeerVerification: Sendable {
  /// Whether the caller compares what comes with a pin, instead of libcurl verifying who sends it.
  let isPinnedByCaller: Bool
  private init(isPinnedByCaller: Bool) { self.isPinnedByCaller = isPinnedByCaller }

  /// The rule.
  static let required = PeerVerification(isPinnedByCaller: false)
  fileprivate static let pinnedByCaller = PeerVerification(isPinnedByCaller: true)
}

/// Fetches a Step-CA's root by its fingerprint: the one request that cannot verify its server's chain,
/// because the root is what it fetches. What comes back is returned only when its SHA-256 is the pin, on a
/// connection that nothing else uses, so whoever answers can bring nothing but the pinned root.
public enum PinnedRootFetch {
  private struct Answer: Decodable {
    let ca: String
  }

  /// Asks `GET BASE/root/PIN`.
  ///
  /// - Parameters:
  ///   - base: The CA's address, such as `https://10.0.0.10:9000`.
  ///   - sha256: The pin: SHA-256 of the root's DER in hexadecimal, as the operator was told it.
  ///   - client: The client to ask with.
  ///   - timeout: The time for all of it.
  /// - Returns: The root.
  /// - Throws: `TransportError`; `.tls` when what came is not what was pinned.
  public static func fetch(
    from base: String, sha256: String, client: HTTPClient, timeout: Duration = .seconds(10)
  ) async throws(TransportError) -> Certificate {
    let pin = sha256.lowercased().filter { $0 != ":" }
    guard pin.utf8.count == 64, pin.utf8.allSatisfy(\.isHexadecimal) else {
      throw TransportError(
        .invalidRequest, "the root's fingerprint is not 64 hexadecimal digits", endpoint: base)
    }
    let trimmed = base.hasSuffix("/") ? String(base.dropLast()) : base
    let request = HTTPRequest(
      .get, "\(trimmed)/root/\(pin)", timeout: timeout, maximumBodyBytes: 64 << 10, label: "step-ca")
    let response = try await client.send(request, verification: .pinnedByCaller)
    guard response.status == 200 else {
      throw TransportError(
        .tls("no such root"), "the CA has no root with the pinned fingerprint (status \(response.status))",
        endpoint: request.endpoint)
    }
    guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(response.body)),
      let root = try? Certificate(pem: answer.ca)
    else {
      throw TransportError(
        .tls("no certificate"), "the CA's answer holds no certificate", endpoint: request.endpoint)
    }
    guard root.sha256 == pin else {
      throw TransportError(
        .tls("wrong root"), "the CA's root has the fingerprint \(root.sha256), not the pinned \(pin)",
        endpoint: request.endpoint)
    }
    return root
  }
}

extension UInt8 {
  fileprivate var isHexadecimal: Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self)
      || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self)
  }
}
