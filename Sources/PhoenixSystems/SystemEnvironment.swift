import PhoenixCore
public import PhoenixHost
public import PhoenixNetwork

/// What the systems are given to look and act with.
public struct SystemEnvironment: Sendable {
  /// Asks other systems.
  public let http: HTTPClient
  /// The operator's secrets.
  public let credentials: Credentials
  /// Where the users' files are.
  public let configurationDirectory: String
  /// What must survive the process.
  public let stateDirectory: String
  /// What must not: the sockets of shared connections.
  public let runtimeDirectory: String
  /// All clocks.
  public let clock: HostClock
  /// Counts the writes to the state directory.
  public let stateWrites: WriteCounter
  private let identities: CertificateJournal

  private static let machineRoots = "/etc/ssl/certs/ca-certificates.crt"
  private static let rootsLimit = 4 << 20

  /// Creates an environment.
  public init(
    http: HTTPClient, credentials: Credentials, configurationDirectory: String, stateDirectory: String,
    runtimeDirectory: String, clock: HostClock = .system, stateWrites: WriteCounter
  ) {
    self.http = http
    self.credentials = credentials
    self.configurationDirectory = configurationDirectory
    self.stateDirectory = stateDirectory
    self.runtimeDirectory = runtimeDirectory
    self.clock = clock
    self.stateWrites = stateWrites
    identities = CertificateJournal(directory: "\(stateDirectory)/certificates", writes: nil)
  }

  /// A path of phoenixd.json: relative ones are below the configuration directory.
  func configurationPath(_ path: String) -> String {
    path.hasPrefix("/") ? path : "\(configurationDirectory)/\(path)"
  }

  /// Reads a secret anew, so that one that was set meanwhile is found.
  func secret(_ name: String) async throws(Failure) -> Secret {
    let credentials = credentials
    return try await Blocking.run { () throws(Failure) -> Secret in try credentials.secret(name) }
  }

  /// Reads phoenixd's own client certificate anew, so that its successor is used from the moment it is there.
  ///
  /// - Parameter name: The certificate's name, `OwnCertificate.name`.
  /// - Returns: Whom phoenixd speaks as, and the CA's root, which the servers' certificates are checked against.
  /// - Throws: Transient when there is none yet.
  func identity(named name: String) async throws(Failure) -> (TLSIdentity, TLSTrust) {
    guard let own = try await identities.delivered(of: name) else {
      throw Failure(
        .transient, doing: "speak as \(name)", got: "phoenixd has no client certificate yet",
        hint: "Step-CA issues it: phoenix explain certificates/certificate/\(name)")
    }
    return (own.tls, TLSTrust(rootsPEM: own.rootPEM))
  }

  /// Reads roots anew, which may be replaced while the daemon runs.
  ///
  /// - Parameter file: A path of phoenixd.json; nil for the machine's own roots.
  /// - Returns: What a server's certificate is checked against.
  /// - Throws: The failure to read the file.
  func trust(_ file: String?) async throws(Failure) -> TLSTrust {
    let path = file.map(configurationPath) ?? Self.machineRoots
    return try await Blocking.run { () throws(Failure) -> TLSTrust in
      do throws(FileError) {
        let bytes = try AtomicFile.read(path, limit: Self.rootsLimit)
        return TLSTrust(rootsPEM: String(decoding: bytes, as: UTF8.self))
      } catch {
        throw error.failure(doing: "read the roots that a certificate is checked against")
      }
    }
  }

  private var sockets: String { "\(runtimeDirectory)/ssh" }

  /// Ends what the channels to guests keep open.
  public func endConnections() async { await Shell.endConnections(in: sockets) }

  /// The channel to guests, made anew at each use: the key may be replaced meanwhile.
  func shell(_ settings: DaemonSettings) -> @Sendable () async throws(Failure) -> Shell {
    let access = settings.shell
    let pins = access.knownHosts.map { configurationPath($0) } ?? "\(stateDirectory)/known_hosts"
    let connectTimeout = settings.timeouts.connect
    let (credentials, sockets) = (credentials, sockets)
    return { () async throws(Failure) -> Shell in
      try await Blocking.run { () throws(Failure) -> Shell in
        Shell(
          ShellConfiguration(
            keyPath: try credentials.path(access.keyCredential), knownHostsPath: pins,
            controlDirectory: sockets, connectTimeout: connectTimeout))
      }
    }
  }
}
