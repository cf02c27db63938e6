public import PhoenixCore

extension Nginx {
  /// What was seen of the gateway.
  public struct Observed: Codable, Equatable, Sendable {
    /// Nginx and our file; nil when it was not looked at.
    public var gateway: Reading<GatewayState>?
    /// What is served, by the names of the certificates that should be.
    public var certificates: [String: CertificateState]
    /// What came through the gateway, by the names that were asked for.
    public var answers: [String: Answer]
    /// The fingerprint that a name which nobody serves was shown; absent as it should be.
    public var stranger: Reading<String>?

    /// Creates an observation.
    public init(
      gateway: Reading<GatewayState>? = nil, certificates: [String: CertificateState] = [:],
      answers: [String: Answer] = [:], stranger: Reading<String>? = nil
    ) {
      self.gateway = gateway
      self.certificates = certificates
      self.answers = answers
      self.stranger = stranger
    }

    /// What a name is served with, as it was seen.
    func served(_ host: Host) -> Reading<ServedLeaves>? {
      certificates[host.certificate.name]?.hosts[host.name]
    }
  }

  /// What an nginx in a guest is like.
  public struct GatewayState: Codable, Equatable, Sendable {
    /// The state of its unit, as systemd says it: `active`, `inactive`, `failed`; `missing` without nginx.
    public var unit: String
    /// Whether it starts with the guest.
    public var isEnabled: Bool
    /// Our file.
    public var files: ServiceFilesState
    /// The generation of the client certificate that our file names; nil when it names none.
    public var generation: String?
    /// The hash of the configuration that nginx has loaded, as it answers it; nil when that is not ours.
    public var loaded: String?
    /// Server blocks of others that claim what ours does.
    public var claims: [Claim]
    /// Statements of others that our servers inherit, and that keep clients out.
    public var inherited: [String]
    /// The name of the client certificate that it shows to Traefik; nil without one.
    public var client: String?
    /// The main file that the running nginx was started with; nil when it named none.
    public var runsWith: String?

    /// Creates a state.
    public init(
      unit: String, isEnabled: Bool = true, files: ServiceFilesState, generation: String? = nil,
      loaded: String? = nil,
      claims: [Claim] = [], inherited: [String] = [], client: String? = nil, runsWith: String? = nil
    ) {
      self.unit = unit
      self.isEnabled = isEnabled
      self.files = files
      self.generation = generation
      self.loaded = loaded
      self.claims = claims
      self.inherited = inherited
      self.client = client
      self.runsWith = runsWith
    }

    /// Whether it runs.
    public var isRunning: Bool { ["active", "reloading"].contains(unit) }
  }

  /// How a certificate is served.
  public struct CertificateState: Codable, Equatable, Sendable {
    /// The generation that could not be taken up; absent when none waits.
    public var refused: Reading<String>
    /// What each name that should be served with it shows.
    public var hosts: [String: Reading<ServedLeaves>]

    /// Creates a state.
    public init(refused: Reading<String> = .absent, hosts: [String: Reading<ServedLeaves>] = [:]) {
      self.refused = refused
      self.hosts = hosts
    }
  }

  /// What came of a request through the gateway.
  public enum Answer: Codable, Hashable, Sendable {
    /// An answer with this status.
    case status(Int)
    /// Nothing, for this reason.
    case none(String)
  }

  /// A server block of others in the place of ours.
  public struct Claim: Codable, Hashable, Sendable {
    /// A sentence that names their line and ours.
    public var text: String
    /// The name that it takes; nil when it takes a port.
    public var host: String?

    /// Creates a claim.
    public init(_ text: String, host: String? = nil) {
      self.text = text
      self.host = host
    }
  }
}
