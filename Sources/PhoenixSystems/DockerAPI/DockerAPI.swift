public import PhoenixCore
public import PhoenixHost
public import PhoenixNetwork

/// The Docker API: dockerd on its unix socket only, and before a manager's an nginx of our own, which lets in the
/// declared client certificates and nobody else. Who gets in is root there.
public struct DockerAPI: Sendable {
  /// Where things lie in a guest.
  public struct Layout: Sendable, Hashable, Codable {
    /// Where units and drop-ins of ours lie.
    public var unitDirectory = "/etc/systemd/system"
    /// dockerd's configuration.
    public var engineConfiguration = "/etc/docker/daemon.json"
    /// Where dockerd answers.
    public var engineSocket = "/run/docker.sock"
    /// The proxy's own configuration.
    public var proxyDirectory = "/etc/phoenix-docker"
    /// The proxy's runtime directory.
    public var runtimeDirectory = "/run/phoenix-docker-proxy"
    /// Where the guest remembers what was before a change that has not ended.
    public var memoryDirectory = "/var/lib/phoenix-services"
    /// Where nginx's packages put modules.
    public var moduleDirectories = ["/usr/lib/nginx/modules", "/usr/share/nginx/modules"]
    /// Where the kernel tells of processes.
    public var processDirectory = "/proc"
    /// Who the proxy's workers are.
    public var user = "phoenix-docker"
    /// The group that may use dockerd's socket.
    public var group = "docker"
    /// The port with mutual TLS.
    public var port = 2376
    /// The port without TLS, which nobody may listen on.
    public var plainPort = 2375

    /// Creates the layout of Debian's and Docker's packages.
    public init() {}
  }

  /// Whom phoenixd speaks as, and whom it believes.
  public typealias OwnIdentity =
    @Sendable (_ name: String) async throws(Failure) -> (TLSIdentity, TLSTrust)

  let client: HTTPClient
  let identity: OwnIdentity
  let channel: @Sendable () async throws(Failure) -> Shell
  let clock: HostClock
  let commandTimeout: Duration
  let proofTime: Duration

  /// How many guests and doors are looked at at once.
  static let width = 8
  /// How long one probe from outside may take.
  static let probeTimeout = Duration.seconds(5)
  /// How long dockerd may take to stop, to start, and to do both again with what was before.
  static let conversionTimeout = Duration.seconds(300)

  /// Creates the system.
  ///
  /// - Parameters:
  ///   - client: Asks the doors.
  ///   - identity: phoenixd's own client certificate, had anew at each use.
  ///   - shell: The channel to guests, had anew at each use.
  ///   - clock: The clocks.
  ///   - commandTimeout: How long one command in a guest may take.
  ///   - proofTime: How long a reloaded proxy may take to serve the new certificate.
  public init(
    client: HTTPClient, identity: @escaping OwnIdentity,
    shell: @escaping @Sendable () async throws(Failure) -> Shell, clock: HostClock = .system,
    commandTimeout: Duration = .seconds(30), proofTime: Duration = .seconds(30)
  ) {
    self.client = client
    self.identity = identity
    channel = shell
    self.clock = clock
    self.commandTimeout = commandTimeout
    self.proofTime = proofTime
  }
}
