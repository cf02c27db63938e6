public import PhoenixCore
public import PhoenixHost
public import PhoenixNetwork

/// Traefik as the router: its static and its dynamic file, the certificate that it serves, and the routers that it
/// has. Whom it lets in is a list of certificates, and not whoever the certificate authority knows.
public struct Traefik: Sendable {
  /// How Traefik is known in a guest.
  public struct Layout: Sendable, Hashable, Codable {
    /// Where its configuration lies; our dynamic file is in `dynamic` below it.
    public var directory = "/etc/traefik"
    /// Where what was before a change is remembered.
    public var memory = ServiceInstall.memory(of: "traefik")
    /// The address on which its entry points listen; all of the guest's when empty.
    public var listenAddress = ""
    /// The port of plain HTTP, which only leads to HTTPS.
    public var webPort = 80
    /// The port of HTTPS.
    public var websecurePort = 443
    /// The port of the entry point that the gateway uses.
    public var meshPort = 8443

    /// Creates the layout of Traefik's own documentation.
    public init() {}

    var staticPath: String { "\(directory)/traefik.yml" }
    var dynamicDirectory: String { "\(directory)/dynamic" }
    var dynamicPath: String { "\(dynamicDirectory)/phoenix.yml" }
    var staticMemory: String { "\(memory)/static" }
    var dynamicMemory: String { "\(memory)/dynamic" }
  }

  /// What must be had anew at each use, because files and credentials change.
  public struct Keys: Sendable {
    /// The channel to guests.
    public var shell: @Sendable () async throws(Failure) -> Shell
    /// phoenixd's own client certificate by its name, and the roots that Traefik's certificate is checked against.
    public var identity: @Sendable (_ certificate: String) async throws(Failure) -> (TLSIdentity, TLSTrust)

    /// Creates a way to have them.
    public init(
      shell: @escaping @Sendable () async throws(Failure) -> Shell,
      identity: @escaping @Sendable (String) async throws(Failure) -> (TLSIdentity, TLSTrust)
    ) {
      self.shell = shell
      self.identity = identity
    }
  }

  let client: HTTPClient
  let keys: Keys
  let commandTimeout: Duration
  let requestTimeout: Duration

  /// How many routers are asked at once.
  static let width = 8

  /// Creates the system.
  ///
  /// - Parameters:
  ///   - client: What it asks Traefik with.
  ///   - keys: How the channel and our own certificate are had.
  ///   - commandTimeout: How long one command in a guest may take.
  ///   - requestTimeout: How long one answer of Traefik's is waited for.
  public init(
    client: HTTPClient, keys: Keys, commandTimeout: Duration = .seconds(30),
    requestTimeout: Duration = .seconds(10)
  ) {
    self.client = client
    self.keys = keys
    self.commandTimeout = commandTimeout
    self.requestTimeout = requestTimeout
  }
}
