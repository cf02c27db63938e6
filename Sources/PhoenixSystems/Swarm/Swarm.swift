public import PhoenixCore
public import PhoenixNetwork

/// The Docker swarm, through the API of its managers: its nodes, the services that the gateway has routes to, and
/// where they run. It is only looked at.
public struct Swarm: Sendable {
  /// What we show a manager, and whom we believe, by the name of a certificate.
  public typealias Identity = @Sendable (_ name: String) async throws(Failure) -> (TLSIdentity, TLSTrust)

  /// How long answers are waited for.
  public struct Limits: Sendable {
    /// For one request.
    public var request = Duration.seconds(8)
    /// For a whole look at all managers, in turn.
    public var look = Duration.seconds(24)

    /// The usual limits.
    public init() {}
  }

  let client: HTTPClient
  let identity: Identity
  let limits: Limits
  let preferred = PreferredEndpoint()

  /// Creates the system.
  ///
  /// - Parameters:
  ///   - client: What it asks with.
  ///   - identity: How phoenixd's own client certificate is had, anew at each look.
  ///   - limits: How long answers are waited for.
  public init(client: HTTPClient, identity: @escaping Identity, limits: Limits = Limits()) {
    self.client = client
    self.identity = identity
    self.limits = limits
  }
}
