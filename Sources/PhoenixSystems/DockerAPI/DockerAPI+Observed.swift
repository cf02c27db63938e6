public import PhoenixCore

extension DockerAPI {
  /// What was seen of engines and doors.
  public struct Observed: Codable, Equatable, Sendable {
    /// The swarm's nodes from within, by number.
    public var nodes: [Int: Reading<NodeState>]
    /// The doors from outside, by number.
    public var doors: [Int: Reading<DoorState>]
    /// The port without TLS from outside, by the nodes' numbers and their addresses.
    public var plainPorts: [Int: [String: ProbeAnswer]]

    /// Creates an observation.
    public init(
      nodes: [Int: Reading<NodeState>] = [:], doors: [Int: Reading<DoorState>] = [:],
      plainPorts: [Int: [String: ProbeAnswer]] = [:]
    ) {
      self.nodes = nodes
      self.doors = doors
      self.plainPorts = plainPorts
    }
  }

  /// A node from within.
  public struct NodeState: Codable, Equatable, Sendable {
    /// Its dockerd.
    public var engine: EngineState
    /// The proxy before it; nil where none is declared.
    public var proxy: ProxyState?
    /// Processes that listen on one of the Docker API's ports.
    public var listeners: [Listener]

    /// Creates a state.
    public init(engine: EngineState, proxy: ProxyState? = nil, listeners: [Listener] = []) {
      self.engine = engine
      self.proxy = proxy
      self.listeners = listeners
    }
  }

  /// A unit, as systemd tells of it.
  public struct UnitState: Codable, Equatable, Sendable {
    /// `loaded`, `not-found`, `masked`, `error`.
    public var load: String
    /// `active`, `inactive`, `failed` and so on.
    public var active: String
    /// Whether it starts with the guest; nil where that was not asked.
    public var isEnabled: Bool?
    /// The number of its main process; 0 without one.
    public var mainProcess: Int
    /// Files that change it and no other unit; none where that was not asked.
    public var dropIns: [String]

    /// Creates a state.
    public init(
      load: String = "loaded", active: String, isEnabled: Bool? = nil, mainProcess: Int = 0,
      dropIns: [String] = []
    ) {
      self.load = load
      self.active = active
      self.isEnabled = isEnabled
      self.mainProcess = mainProcess
      self.dropIns = dropIns
    }

    /// Whether it runs.
    public var isRunning: Bool { ["active", "reloading"].contains(active) }
  }

  /// A process that listens on a TCP port.
  public struct Listener: Codable, Hashable, Sendable {
    /// The address, `*` or `0.0.0.0` or `[::]` for all.
    public var address: String
    /// The port.
    public var port: Int
    /// The processes' names, each once; empty when the kernel does not tell.
    public var names: [String]
    /// Their numbers.
    public var processes: [Int]

    /// Creates a listener.
    public init(address: String, port: Int, names: [String], processes: [Int]) {
      self.address = address
      self.port = port
      self.names = names
      self.processes = processes
    }
  }

  /// A dockerd and how it is started.
  public struct EngineState: Codable, Equatable, Sendable {
    /// docker.service.
    public var unit: UnitState
    /// The program and arguments of the unit's ExecStart, all drop-ins considered.
    public var configured: ExecStart
    /// What runs; nil when nothing does.
    public var running: [String]?
    /// What docker.socket listens on; nil without such a unit.
    public var socketListens: [String]?
    /// Other socket units, which hand dockerd what they listen on.
    public var otherSockets: [String]
    /// Whether dockerd answers on its socket.
    public var answers: Bool
    /// Who may write to its socket, and so be root; nil when there is no socket.
    public var socketMode: FileMode?
    /// Whose the socket is; nil when there is none.
    public var socketOwner: FileOwner?
    /// The files that may say how it listens: ours, and daemon.json.
    public var files: ServiceFilesState

    /// Creates a state.
    public init(
      unit: UnitState, configured: ExecStart, running: [String]?, socketListens: [String]? = nil,
      otherSockets: [String] = [], answers: Bool = true, socketMode: FileMode? = nil,
      socketOwner: FileOwner? = nil,
      files: ServiceFilesState = ServiceFilesState()
    ) {
      self.unit = unit
      self.configured = configured
      self.running = running
      self.socketListens = socketListens
      self.otherSockets = otherSockets
      self.answers = answers
      self.socketMode = socketMode
      self.socketOwner = socketOwner
      self.files = files
    }
  }

  /// The proxy of ours.
  public struct ProxyState: Codable, Equatable, Sendable {
    /// Its unit.
    public var unit: UnitState
    /// The program nginx; nil when it is not installed.
    public var program: String?
    /// How nginx comes by its stream module.
    public var module: StreamModule
    /// Whether the guest has IPv6.
    public var hasIPv6: Bool
    /// The configuration that the running nginx answers with; nil when none runs.
    public var loaded: LoadedConfiguration?
    /// Our files.
    public var files: ServiceFilesState
    /// A generation of the server certificate that could not be taken up; nil when none waits.
    public var refused: String?
    /// The clients that were declared at this look.
    public var clients: [String]
    /// Its main process; nil when there is none, or the kernel did not tell.
    public var process: ProxyProcess?
    /// Whether somebody is there who does not say in time what is loaded.
    public var hangs: Bool

    /// Creates a state.
    public init(
      unit: UnitState, program: String?, module: StreamModule, hasIPv6: Bool, loaded: LoadedConfiguration?,
      files: ServiceFilesState, refused: String? = nil, clients: [String] = [], process: ProxyProcess? = nil,
      hangs: Bool = false
    ) {
      self.unit = unit
      self.program = program
      self.module = module
      self.hasIPv6 = hasIPv6
      self.loaded = loaded
      self.files = files
      self.refused = refused
      self.clients = clients
      self.process = process
      self.hangs = hangs
    }
  }

  /// The proxy's main process, as the kernel tells of it.
  public struct ProxyProcess: Codable, Equatable, Sendable {
    /// Whether it can gain no privileges, as its unit says: then the rest of the unit's sandbox holds, too.
    public var isConfined: Bool
    /// What it calls itself: nginx tells how it was started.
    public var title: String

    /// Creates a process.
    public init(isConfined: Bool, title: String) {
      self.isConfined = isConfined
      self.title = title
    }
  }

  /// How nginx comes by its stream module.
  public enum StreamModule: Codable, Hashable, Sendable {
    case missing
    case builtIn
    /// The file that has to be loaded.
    case file(String)
  }

  /// What a running proxy says of itself.
  public struct LoadedConfiguration: Codable, Equatable, Sendable {
    /// SHA-256 of the configuration, in hexadecimal.
    public var hash: String
    /// The leaves that it lets in, by the names of the certificates: SHA-1, in hexadecimal.
    public var admitted: [String: [String]]

    /// Creates a configuration.
    public init(hash: String, admitted: [String: [String]]) {
      self.hash = hash
      self.admitted = admitted
    }
  }

  /// A door from outside.
  public struct DoorState: Codable, Equatable, Sendable {
    /// What fresh connections were shown: SHA-256 of leaves, each once; none when nobody listens.
    public var fingerprints: [String]
    /// Why there was no certificate, when there was none.
    public var trouble: String?
    /// Without a client certificate, by each version of TLS.
    public var nobody: [ProbeAnswer]
    /// Without TLS.
    public var plaintext: ProbeAnswer
    /// A certificate of the same CA that opens no door; nil when there is none to try.
    public var stranger: CertificateProof?
    /// The declared clients, by name.
    public var clients: [String: CertificateProof]

    /// Creates a state.
    public init(
      fingerprints: [String], trouble: String? = nil, nobody: [ProbeAnswer] = [.closed, .closed],
      plaintext: ProbeAnswer = .closed, stranger: CertificateProof? = nil,
      clients: [String: CertificateProof] = [:]
    ) {
      self.fingerprints = fingerprints
      self.trouble = trouble
      self.nobody = nobody
      self.plaintext = plaintext
      self.stranger = stranger
      self.clients = clients
    }
  }
}
