/// An entry of the certificate manifest.
public struct CertificateEntry: Sendable, Equatable, Codable {
  /// What a certificate is used for.
  public enum Use: String, Sendable, Hashable, Codable {
    case server, client
  }

  /// First name of the certificate, and the name of the entry.
  public let commonName: String
  /// Where it is declared.
  public let location: Location
  /// All names: the common name first, then the others once each.
  public var names: [String]
  /// The guest that gets it; nil when the paths are the host's.
  public var guest: Int?
  /// What it is used for.
  public var use: Use = .server
  /// File of the certificate.
  public var certificatePath: String
  /// File of the key.
  public var keyPath: String
  /// Whether the root certificate is put beside it.
  public var includesRoot = false
  /// Owner of the files.
  public var owner = FileOwner.root
  /// Permissions of the key.
  public var mode = FileMode(bits: 0o640)
  /// What is run after a renewal, when the entry has one.
  public var renewalCommand: RenewalCommand?
  /// Where it goes and who uses it, as declared.
  public var deployments: [CertificateDeployment] = []
  /// How long it should be valid; nil for what the CA gives.
  public var lifetime: Duration?
  /// Whether its names may lie outside the domain.
  public var allowsOutsideDomain = false

  /// Creates an entry.
  public init(commonName: String, certificatePath: String, keyPath: String, location: Location) {
    self.commonName = commonName
    self.certificatePath = certificatePath
    self.keyPath = keyPath
    self.location = location
    names = [commonName]
  }
}

/// Where a certificate goes, and who uses it.
public struct CertificateDeployment: Sendable, Equatable, Codable {
  /// The guest that gets it.
  public let guest: Int
  /// File of the certificate in the guest.
  public let certificatePath: String
  /// File of the key in the guest.
  public let keyPath: String
  /// File of the root certificate in the guest.
  public let rootPath: String?
  /// Owner of the files.
  public let owner: FileOwner
  /// Permissions of the key.
  public let mode: FileMode
  /// Who uses it, and so how it is activated; nil when nobody needs to be told.
  public let consumer: CertificateConsumer?
  /// Where the new certificate must be served.
  public let probe: HostAndPort?
  /// Where it is declared.
  public let location: Location

  /// Creates a deployment.
  public init(
    guest: Int, certificatePath: String, keyPath: String, rootPath: String? = nil, owner: FileOwner = .root,
    mode: FileMode = FileMode(bits: 0o640), consumer: CertificateConsumer? = nil, probe: HostAndPort? = nil,
    location: Location
  ) {
    self.guest = guest
    self.certificatePath = certificatePath
    self.keyPath = keyPath
    self.rootPath = rootPath
    self.owner = owner
    self.mode = mode
    self.consumer = consumer
    self.probe = probe
    self.location = location
  }
}

/// Who uses a certificate.
public enum CertificateConsumer: Sendable, Hashable, Codable, CustomStringConvertible {
  case nginx
  case traefik
  case dockerAPI
  case portainer
  /// A systemd unit, which is reloaded or else restarted.
  case unit(String)

  /// Reads `nginx`, `traefik`, `docker-api`, `portainer` or `unit NAME`; nil for anything else.
  public init?(_ text: some StringProtocol) {
    switch text {
    case "nginx": self = .nginx
    case "traefik": self = .traefik
    case "docker-api": self = .dockerAPI
    case "portainer": self = .portainer
    default:
      guard text.hasPrefix("unit ") else { return nil }
      let name = text.dropFirst("unit ".count)
      guard (1...255).contains(name.utf8.count), name.utf8.first != UInt8(ascii: "-"),
        name.utf8.allSatisfy(Self.isUnitByte)
      else { return nil }
      self = .unit(String(name))
    }
  }

  /// The bytes of unit names (systemd.unit(5)).
  private static func isUnitByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
    default: "@:_.-\\".utf8.contains(byte)
    }
  }

  /// As the manifest writes it.
  public var description: String {
    switch self {
    case .nginx: "nginx"
    case .traefik: "traefik"
    case .dockerAPI: "docker-api"
    case .portainer: "portainer"
    case .unit(let name): "unit \(name)"
    }
  }
}
