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

  /// Reads roots to verify servers with.
  ///
  /// - Parameter file: A PEM file, as phoenixd.json names it; nil for the machine's own roots.
  /// - Returns: The roots.
  /// - Throws: When the file cannot be read.
  func trust(_ file: String?) async throws(Failure) -> TLSTrust {
    let path = file.map { configurationPath($0) } ?? "/etc/ssl/certs/ca-certificates.crt"
    return try await Blocking.run { () throws(Failure) -> TLSTrust in
      do throws(FileError) {
        let bytes = try AtomicFile.read(path, limit: 4 << 20)
        return TLSTrust(rootsPEM: String(decoding: bytes, as: UTF8.self))
      } catch {
        throw error.failure(doing: "read the roots to verify servers with")
      }
    }
  }
}
