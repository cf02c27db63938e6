public import PhoenixCore
public import PhoenixHost
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

  /// How long answers are waited for.
  public struct Limits: Sendable {
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
  let clock: HostClock
  let tasks: TaskJournal
  let wishes: GuestWishes
  let keys: Keys
  let width: Int
  let limits: Limits
  let preferred = PreferredEndpoint()

  /// Creates the system.
  ///
  /// - Parameters:
  ///   - client: What it asks with.
  ///   - keys: How secrets and roots are read.
  ///   - stateDirectory: Where it keeps which tasks make guests and which should not run, in `proxmox`.
  ///   - clock: All its clocks.
  ///   - width: How many reads are under way at once.
  ///   - limits: How long answers are waited for.
  ///   - writes: Counts the writes to the state directory.
  public init(
    client: HTTPClient, keys: Keys, stateDirectory: String, clock: HostClock = .system, width: Int = 6,
    limits: Limits = Limits(), writes: WriteCounter? = nil
  ) {
    self.client = client
    self.clock = clock
    let directory = "\(stateDirectory)/proxmox"
    tasks = TaskJournal(directory: directory, writes: writes)
    wishes = GuestWishes(directory: directory, writes: writes)
    self.keys = keys
    self.width = max(1, width)
    self.limits = limits
  }

  func api(_ access: Access, timeout: Duration) async throws(Failure) -> API {
    guard !access.endpoints.isEmpty else {
      throw Failure(
        .permanent, doing: "reach Proxmox", got: "no address of the API is known",
        hint: "set proxmox.endpoints in phoenixd.json")
    }
    let token = try await keys.token(access.tokenCredential)
    let trust: TLSTrust
    do throws(Failure) { trust = try await keys.trust(access.certificateAuthorityFile) } catch {
      throw Failure(
        error.persistence, doing: error.doing, got: error.got,
        hint: "put a copy of /etc/pve/pve-root-ca.pem where proxmox.ca_file in phoenixd.json points")
    }
    return API(
      client: client, endpoints: access.endpoints, preferred: preferred, token: token, trust: trust,
      timeout: timeout)
  }
}
