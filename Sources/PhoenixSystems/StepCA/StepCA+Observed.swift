public import PhoenixCore

extension StepCA {
  /// What was seen of the authority.
  public struct Observed: Codable, Equatable, Sendable {
    /// The authority; absent when none is declared.
    public var authority: Reading<Authority>

    /// Creates an observation.
    public init(authority: Reading<Authority>) { self.authority = authority }
  }

  /// An authority that answered, with a chain up to the pinned root.
  public struct Authority: Codable, Equatable, Sendable {
    /// Its host, as the resource names it.
    public var host: String
    /// The pinned root, as PEM.
    public var rootPEM: String
    /// The root's SHA-256 in hexadecimal.
    public var rootFingerprint: String
    /// The key id of the provisioner; nil when it has none of the wanted name.
    public var provisionerKeyID: String?
    /// The names of its provisioners that give certificates for a password, for people.
    public var provisioners: [String]
    /// Its clock minus ours, in seconds.
    public var skew: Int
    /// When its own TLS certificate expires; nil when that could not be seen.
    public var serverNotAfter: WallTime?
    /// When it was looked at, by its clock.
    public var seen: WallTime

    /// Creates an observation of an authority.
    public init(
      host: String, rootPEM: String, rootFingerprint: String, provisionerKeyID: String?,
      provisioners: [String], skew: Int, serverNotAfter: WallTime?, seen: WallTime
    ) {
      self.host = host
      self.rootPEM = rootPEM
      self.rootFingerprint = rootFingerprint
      self.provisionerKeyID = provisionerKeyID
      self.provisioners = provisioners
      self.skew = skew
      self.serverNotAfter = serverNotAfter
      self.seen = seen
    }
  }
}
