public import PhoenixCore
public import PhoenixHost
public import PhoenixNetwork

/// The certificates of the manifest: issued by Step-CA, delivered into guests, renewed in time, and proved by
/// reading them back there. Who uses a certificate makes his program take it up.
public struct Certificates: Sendable {
  /// What must be had anew at each use, because files and credentials change.
  public struct Keys: Sendable {
    /// The provisioner's password, by the name of its credential.
    public var password: @Sendable (_ credential: String) async throws(Failure) -> Secret
    /// The channel to guests.
    public var shell: @Sendable () async throws(Failure) -> Shell

    /// Creates a way to have them.
    public init(
      password: @escaping @Sendable (String) async throws(Failure) -> Secret,
      shell: @escaping @Sendable () async throws(Failure) -> Shell
    ) {
      self.password = password
      self.shell = shell
    }
  }

  let client: HTTPClient
  let keys: Keys
  let journal: CertificateJournal
  let clock: HostClock
  let slots: Slots
  let provisioners = ProvisionerKeys()
  let commandTimeout: Duration

  /// How many guests are looked at at once.
  static let width = 8

  /// Creates the system.
  ///
  /// - Parameters:
  ///   - client: What it asks the authority with.
  ///   - keys: How the password and the channel are had.
  ///   - stateDirectory: Where keys and what was issued are kept: `DIR/certificates/NAME`.
  ///   - clock: The clocks.
  ///   - width: How many certificates are issued at once; one about to expire does not wait.
  ///   - commandTimeout: How long one command in a guest may take.
  ///   - writes: Counts the files written in the state directory.
  public init(
    client: HTTPClient, keys: Keys, stateDirectory: String, clock: HostClock = .system, width: Int = 4,
    commandTimeout: Duration = .seconds(30), writes: WriteCounter? = nil
  ) {
    self.client = client
    self.keys = keys
    self.journal = CertificateJournal(directory: "\(stateDirectory)/certificates", writes: writes)
    self.clock = clock
    self.slots = Slots(count: max(1, width))
    self.commandTimeout = commandTimeout
  }

  /// Has a certificate renewed at the next look, although its time has not come.
  ///
  /// The wish is kept on disk and ends when another certificate is delivered.
  ///
  /// - Parameters:
  ///   - wish: `renew`.
  ///   - resource: `certificates/certificate/NAME`.
  ///   - observed: The last look, which tells the certificate that is to be replaced.
  /// - Throws: When there is no such certificate to replace, or the wish cannot be written.
  public func request(_ wish: Wish, for resource: ResourceID, observed: Observed) async throws(Failure) {
    guard wish == .renew else {
      throw Failure(
        .permanent, doing: "\(wish.rawValue) \(resource)", got: "a certificate can only be renewed")
    }
    guard resource.system == .certificates, let leaf = observed.places[resource.name]?.value?.leaf else {
      throw Failure(
        .permanent, doing: "renew \(resource)", got: "no such certificate has been seen",
        hint: "`phoenix certificate list` names them; one that is missing is issued by itself")
    }
    try await journal.requestRenewal(of: resource.name, replacing: leaf.fingerprint)
  }
}

extension Certificates: SteerableSystem {}
