public import PhoenixCore
public import PhoenixNetwork

/// Proxmox VE: what its API keeps of the guests. The first resource kind is the guest's firewall.
public struct Proxmox: Sendable {
  /// How the secrets and roots of a connection are read, each time Proxmox is looked at.
  public struct Keys: Sendable {
    /// The API token, `USER@REALM!ID=SECRET`, by the name of its credential.
    public var token: @Sendable (_ credential: String) async throws(Failure) -> Secret
    /// The roots that the API's certificate is checked against, by a file of the configuration directory; for
    /// no file, the machine's own.
    public var trust: @Sendable (_ file: String?) async throws(Failure) -> TLSTrust

    /// Creates a way to read them.
    public init(
      token: @escaping @Sendable (String) async throws(Failure) -> Secret,
      trust: @escaping @Sendable (String?) async throws(Failure) -> TLSTrust
    ) {
      self.token = token
      self.trust = trust
    }
  }

  /// How much is asked at once, and how long answers are waited for.
  public struct Limits: Sendable {
    /// How many reads are under way at once.
    public var width = 6
    /// For one write, and for the reads around it.
    public var request = Duration.seconds(30)
    /// For one read of a look. It is short, so that a node that hangs does not blind us to the others.
    public var read = Duration.seconds(8)
    /// For a whole look. What it did not come to is unreadable until the next one.
    public var look = Duration.seconds(24)

    /// The usual limits.
    public init() {}
  }

  let client: HTTPClient
  let keys: Keys
  let limits: Limits
  let preferred = PreferredEndpoint()

  /// Creates the system.
  ///
  /// - Parameters:
  ///   - client: What it asks with.
  ///   - keys: How secrets and roots are read.
  ///   - limits: How much is asked at once, and how long answers are waited for.
  public init(client: HTTPClient, keys: Keys, limits: Limits = Limits()) {
    self.client = client
    self.keys = keys
    self.limits = limits
  }

  func api(_ access: Access, timeout: Duration) async throws(Failure) -> API {
    guard !access.endpoints.isEmpty else {
      throw Failure(
        .permanent, doing: "reach Proxmox", got: "no address of the API is known",
        hint: "set proxmox.endpoints in phoenixd.json")
    }
    let token = try await keys.token(access.tokenCredential)
    let trust = try await keys.trust(access.certificateAuthorityFile)
    return API(
      client: client, endpoints: access.endpoints, preferred: preferred, token: token, trust: trust,
      timeout: timeout)
  }
}
