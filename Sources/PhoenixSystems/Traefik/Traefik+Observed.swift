public import PhoenixCore

extension Traefik {
  /// What was seen of Traefik.
  public struct Observed: Codable, Equatable, Sendable {
    /// Its unit and its files; nil when nobody looked.
    public var guest: Reading<GuestState>?
    /// Which of our files it has loaded, by their hashes, as its API says it; nil when nobody asked.
    public var loaded: Reading<[String]>?
    /// What is served, by the names of the certificates.
    public var servers: [String: Reading<ServedLeaves>]
    /// The routers, by name.
    public var routers: [String: Reading<RouterState>]
    /// Whether somebody without a certificate was answered; nil when nobody asked.
    public var answersStrangers: Reading<Bool>?
    /// What came of showing a certificate that is not let in; nil when nobody tried.
    public var stranger: CertificateProof?
    /// Routers of others that open what should be closed, for people; nil when nobody asked.
    public var strays: [String]?

    /// Creates an observation.
    public init(
      guest: Reading<GuestState>? = nil, loaded: Reading<[String]>? = nil,
      servers: [String: Reading<ServedLeaves>] = [:], routers: [String: Reading<RouterState>] = [:],
      answersStrangers: Reading<Bool>? = nil, stranger: CertificateProof? = nil, strays: [String]? = nil
    ) {
      self.guest = guest
      self.loaded = loaded
      self.servers = servers
      self.routers = routers
      self.answersStrangers = answersStrangers
      self.stranger = stranger
      self.strays = strays
    }
  }

  /// What Traefik is like in its guest.
  public struct GuestState: Codable, Equatable, Sendable {
    /// The guest's number.
    public var guest: Int
    /// The state of its unit, as systemd says it: `active`, `inactive`, `failed`; `missing` without one.
    public var unit: String
    /// Whether it is started with the guest.
    public var isEnabled: Bool
    /// The static file.
    public var staticFile: ServiceFilesState
    /// The dynamic file.
    public var dynamicFile: ServiceFilesState
    /// Others' files beside the dynamic one.
    public var others: [String]
    /// Whom the files declare to be let in.
    public var clients: [String]
    /// The static file that its unit names; nil when it names none.
    public var startedWith: String?
    /// The static file that the running Traefik was started with; nil when it named none.
    public var runsWith: String?

    /// Creates a state.
    public init(
      guest: Int, unit: String, isEnabled: Bool, staticFile: ServiceFilesState,
      dynamicFile: ServiceFilesState,
      others: [String] = [], clients: [String] = [], startedWith: String? = nil, runsWith: String? = nil
    ) {
      self.guest = guest
      self.unit = unit
      self.isEnabled = isEnabled
      self.staticFile = staticFile
      self.dynamicFile = dynamicFile
      self.others = others
      self.clients = clients
      self.startedWith = startedWith
      self.runsWith = runsWith
    }

    /// The file that Traefik runs with, or would be started with, where that is not a given one.
    func otherFile(than path: String) -> String? {
      [isRunning ? runsWith : nil, startedWith].compactMap { $0 }.first { $0 != path }
    }

    /// What the dynamic file holds; nil when it is not there, or is no text.
    var dynamicText: String? { dynamicFile.files.values.first?.text }
    /// Whether it runs.
    public var isRunning: Bool { ["active", "reloading"].contains(unit) }
  }

  /// How a router stands.
  public struct RouterState: Codable, Equatable, Sendable {
    /// What is wrong with it, the first thing first; nothing when a request went through it.
    public var troubles: [String]
    /// What to do about it.
    public var hint: String?

    /// Creates a state.
    public init(troubles: [String] = [], hint: String? = nil) {
      self.troubles = troubles
      self.hint = hint
    }
  }
}
