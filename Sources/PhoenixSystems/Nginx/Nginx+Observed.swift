public import PhoenixCore

extension Nginx {
  /// What was seen of the gateways.
  public struct Observed: Codable, Equatable, Sendable {
    /// The gateways, by the numbers of their guests.
    public var gateways: [Int: Reading<GatewayState>]
    /// What is served, by the names of the certificates.
    public var servers: [String: Reading<ServerState>]

    /// Creates an observation.
    public init(
      gateways: [Int: Reading<GatewayState>] = [:], servers: [String: Reading<ServerState>] = [:]
    ) {
      self.gateways = gateways
      self.servers = servers
    }
  }

  /// What an nginx in a guest is like.
  public struct GatewayState: Codable, Equatable, Sendable {
    /// The state of its unit, as systemd says it: `active`, `inactive`, `failed`; `missing` without nginx.
    public var unit: String
    /// SHA-256 of our file; nil when it is not there.
    public var sha256: String?
    /// Whether a change of our file was begun and not ended.
    public var isUnfinished: Bool
    /// Server blocks of others that claim what ours does.
    public var claims: [String]

    /// Creates a state.
    public init(unit: String, sha256: String?, isUnfinished: Bool = false, claims: [String] = []) {
      self.unit = unit
      self.sha256 = sha256
      self.isUnfinished = isUnfinished
      self.claims = claims
    }

    /// Whether it runs.
    public var isRunning: Bool { ["active", "reloading"].contains(unit) }
  }

  /// What is served where a certificate should be.
  public struct ServerState: Codable, Equatable, Sendable {
    /// What fresh connections were shown: fingerprints, each once; none when nobody listens.
    public var fingerprints: [String]
    /// Why there was no certificate, when there was none.
    public var trouble: String?
    /// The generation that could not be taken up; nil when none waits.
    public var refused: String?

    /// Creates a state.
    public init(fingerprints: [String], trouble: String? = nil, refused: String? = nil) {
      self.fingerprints = fingerprints
      self.trouble = trouble
      self.refused = refused
    }
  }
}
