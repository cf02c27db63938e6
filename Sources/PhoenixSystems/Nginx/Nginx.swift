public import PhoenixCore
public import PhoenixHost
public import PhoenixNetwork

/// Nginx as the gateway: that its file of ours is in force, that each declared name is served with the certificate
/// that was delivered for it, and that an answer comes through. Who delivers certificates owns their files; that
/// they are taken up is for this system to prove.
public struct Nginx: Sendable {
  /// How nginx is known in a guest.
  public struct Layout: Sendable, Hashable, Codable {
    /// Where nginx reads our file from.
    public var configurationDirectory = "/etc/nginx/conf.d"
    /// The file that nginx begins with.
    public var mainFile = "/etc/nginx/nginx.conf"
    /// Where the guest remembers what was before a change of our file.
    public var memory = ServiceInstall.memory(of: "nginx")
    /// The port of HTTP.
    public var httpPort = 80
    /// The port of HTTPS.
    public var httpsPort = 443

    /// Creates the layout of Debian's and nginx.org's packages.
    public init() {}
  }

  let client: HTTPClient
  let channel: @Sendable () async throws(Failure) -> Shell
  let clock: HostClock
  let commandTimeout: Duration
  let proofTime: Duration

  /// How many names are looked at at once.
  static let width = 8
  /// How long a connection from outside may take.
  static let patience: Duration = .seconds(5)

  /// Creates the system.
  ///
  /// - Parameters:
  ///   - client: Asks through the gateway.
  ///   - shell: The channel to guests, had anew at each use.
  ///   - clock: The clocks.
  ///   - commandTimeout: How long one command in a guest may take.
  ///   - proofTime: How long a reloaded nginx may take to serve the new certificate.
  public init(
    client: HTTPClient, shell: @escaping @Sendable () async throws(Failure) -> Shell,
    clock: HostClock = .system, commandTimeout: Duration = .seconds(30), proofTime: Duration = .seconds(30)
  ) {
    self.client = client
    channel = shell
    self.clock = clock
    self.commandTimeout = commandTimeout
    self.proofTime = proofTime
  }
}
