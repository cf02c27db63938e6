public import PhoenixCore
public import PhoenixHost

/// Nginx as the gateway: that its server block of ours is there, and that it serves the certificate that was
/// delivered. Who delivers certificates owns their files; that they are taken up is for this system to prove.
public struct Nginx: Sendable {
  /// How nginx is known in a guest.
  public struct Layout: Sendable, Hashable, Codable {
    /// Where nginx reads our file from.
    public var configurationDirectory = "/etc/nginx/conf.d"
    /// Where else server blocks lie.
    public var siteDirectory = "/etc/nginx/sites-enabled"

    /// Creates the layout of Debian's and nginx.org's packages.
    public init() {}
  }

  let channel: @Sendable () async throws(Failure) -> Shell
  let clock: HostClock
  let commandTimeout: Duration
  let proofTime: Duration

  /// How many guests and servers are looked at at once.
  static let width = 8

  /// Creates the system.
  ///
  /// - Parameters:
  ///   - shell: The channel to guests, had anew at each use.
  ///   - clock: The clocks.
  ///   - commandTimeout: How long one command in a guest may take.
  ///   - proofTime: How long a reloaded nginx may take to serve the new certificate.
  public init(
    shell: @escaping @Sendable () async throws(Failure) -> Shell, clock: HostClock = .system,
    commandTimeout: Duration = .seconds(30), proofTime: Duration = .seconds(30)
  ) {
    channel = shell
    self.clock = clock
    self.commandTimeout = commandTimeout
    self.proofTime = proofTime
  }
}
