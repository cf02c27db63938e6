/// phoenixd.json with every default. What it leaves out is derived from the users' files.
public struct DaemonSettings: Sendable, Equatable, Codable {
  /// Access to Proxmox.
  public struct Proxmox: Sendable, Equatable, Codable {
    /// APIs of the nodes, tried in turn, such as https://10.0.0.13:8006.
    public var endpoints: [String] = []
    /// Name of the node; nil for the one that answers.
    public var node: String?
    /// File with the root certificate, relative to the configuration directory; nil for the machine's roots.
    public var rootFile: String?
    /// Name of the credential with the token.
    public var tokenCredential = "proxmox-token"
  }

  /// Access to Step-CA.
  public struct StepCA: Sendable, Equatable, Codable {
    /// Its address, such as https://10.0.0.10:9000; nil when neither the file nor a guest says it.
    public var url: String?
    /// SHA-256 of the root certificate in small hexadecimal letters; nil makes Step-CA unreadable.
    public var rootFingerprint: String?
    /// The provisioner; nil when no file says it.
    public var provisioner: String?
    /// Name of the credential with the provisioner's password.
    public var passwordCredential = "step-ca-provisioner-password"
  }

  /// Access to Portainer.
  public struct Portainer: Sendable, Equatable, Codable {
    /// Its address, such as https://10.0.0.111:9443; nil when no guest is its primary.
    public var url: String?
    /// Name of the credential with the administrator's password.
    public var passwordCredential = "portainer-admin-password"
  }

  /// How guests and the hypervisor are reached.
  public struct Shell: Sendable, Equatable, Codable {
    /// A way into a guest.
    public enum Channel: String, Sendable, Hashable, Codable {
      /// OpenSSH.
      case ssh
      /// The QEMU guest agent, by Proxmox's API.
      case agent
      /// pct, by the hypervisor's helper.
      case pct
    }

    /// The user in containers.
    public var containerUser = "root"
    /// Name of the credential with the private key.
    public var keyCredential = "ssh-key"
    /// File with host keys, relative to the configuration directory; nil for the state directory's.
    public var knownHosts: String?
    /// The channels of guests that are not reached by SSH, by their numbers.
    public var overrides: [Int: Channel] = [:]
    /// The hypervisor's helper: ssh://root@10.0.0.13 or `local`; nil when its address is not known.
    public var hypervisor: String?
  }

  /// How often systems are looked at without being asked.
  public struct Intervals: Sendable, Equatable, Codable {
    /// The systems that the file names.
    var bySystem: [SystemName: Duration] = [:]
    /// How often everything is looked at, whatever the systems' own intervals.
    public var full = Duration.seconds(600)

    /// The interval of a system.
    public subscript(system: SystemName) -> Duration { bySystem[system] ?? Self.usual(for: system) }

    /// The interval of a system that phoenixd.json does not name.
    public static func usual(for system: SystemName) -> Duration {
      switch system {
      case .proxmox, .nginx, .traefik, .swarm, .dockerAPI: .seconds(30)
      case .stepCA, .certificates, .guests, .health, .portainer: .seconds(60)
      case .hypervisor, .dns: .seconds(300)
      }
    }
  }

  /// How long things may take.
  public struct Timeouts: Sendable, Equatable, Codable {
    /// To connect.
    public var connect = Duration.seconds(5)
    /// For one request.
    public var request = Duration.seconds(30)
    /// For one action with its proof.
    public var action = Duration.seconds(300)
    /// For one command in a guest.
    public var command = Duration.seconds(30)
    /// To finish the running action at SIGTERM.
    public var shutdown = Duration.seconds(60)
  }

  /// How much is done at a time.
  public struct Concurrency: Sendable, Equatable, Codable {
    /// Actions.
    public var actions = 8
    /// Connections to one endpoint.
    public var requestsPerEndpoint = 6
    /// Certificates that are renewed.
    public var certificates = 4
  }

  /// Access to Proxmox.
  public var proxmox = Proxmox()
  /// Access to Step-CA.
  public var stepCA = StepCA()
  /// Docker APIs of the swarm's managers, tried in turn, such as tcp://10.0.0.111:2376.
  public var dockerManagers: [String] = []
  /// Traefik's API, such as https://10.0.0.12; nil when no guest runs Traefik.
  public var traefikAPI: String?
  /// Access to Portainer.
  public var portainer = Portainer()
  /// How guests and the hypervisor are reached.
  public var shell = Shell()
  /// How often systems are looked at without being asked.
  public var intervals = Intervals()
  /// What the daemon may do by itself.
  public var policy = Policy()
  /// How long things may take.
  public var timeouts = Timeouts()
  /// How much is done at a time.
  public var concurrency = Concurrency()

  /// Creates the settings of an empty file.
  public init() {}
}

extension SystemName {
  /// The system as phoenixd.json names it: `step_ca` for `step-ca`.
  public var settingsKey: String { rawValue.split(separator: "-").joined(separator: "_") }
}
