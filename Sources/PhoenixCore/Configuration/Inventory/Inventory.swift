/// What several systems read of the users' files, checked and normalised.
///
/// A field that only one system reads is not here: that system decodes it from `ConfigurationNodes`.
public struct Inventory: Sendable, Equatable {
  /// Containers and machines, by number.
  public var guests: [Guest] = [] { didSet { memo = InventoryMemo() } }
  /// The hypervisor's network and names.
  public var site = Site() { didSet { memo = InventoryMemo() } }
  /// The datacenter's firewall, which filters the hosts; nil when the files do not declare one.
  public var datacenterFirewall: DatacenterFirewall?
  /// The stacks, by name.
  public var stacks: [Stack] = []
  /// The certificate manifest, in the order of the file.
  public var certificates: [CertificateEntry] = [] { didSet { memo = InventoryMemo() } }
  /// phoenixd.json, with what it leaves out derived from the users' files.
  public var settings = DaemonSettings()

  private var memo = InventoryMemo()
  var index: InventoryIndex { memo.index(of: self) }

  /// Creates an empty inventory.
  public init() {}

  /// A guest by its number.
  public subscript(guest id: Int) -> Guest? {
    // Sorted by number.
    var (low, high) = (0, guests.count)
    while low < high {
      let middle = (low + high) / 2
      if guests[middle].id < id { low = middle + 1 } else { high = middle }
    }
    return low < guests.count && guests[low].id == id ? guests[low] : nil
  }

  /// The guest that runs Step-CA: the one with the feature `step_ca`, or 103.
  public var certificateAuthority: Guest? { index.certificateAuthority }

  /// The guest that runs Traefik: the one with the feature `traefik`, or 102.
  public var reverseProxy: Guest? { index.reverseProxy }

  /// The guest that runs Nginx, the gateway: 101, or one whose name begins with nginx.
  public var gateway: Guest? { index.gateway }

  /// Swarm managers, by number.
  public var swarmManagers: [Guest] { index.swarmManagers }

  /// Swarm workers, by number.
  public var swarmWorkers: [Guest] { guests.filter { $0.swarmRole == .worker } }

  /// The services that Traefik routes to, by guest.
  public var routes: [RoutedService] { guests.compactMap(\.service) }
}

/// The hypervisor and the network that all guests share.
public struct Site: Sendable, Equatable, Codable {
  /// The internal domain, such as internal.example; nil when the files do not name one.
  public var domain: String?
  /// Time zone, such as Europe/Berlin.
  public var timezone: String?
  /// The hypervisor's address with its prefix.
  public var hypervisorBlock: String?
  /// The bridge of the guests, such as vmbr0.
  public var bridge: String?
  /// The gateway of the internal network.
  public var gateway: String?
  /// The internal network.
  public var subnet: String?
  /// The DNS servers of the hypervisor.
  public var nameservers: [String] = []
  /// The host of the shares.
  public var nfsServer: String?
  /// Portainer's address, as the hypervisor's file says it.
  public var portainerAddress: String?
  /// Portainer's port.
  public var portainerPort = 9443
  /// The port of Portainer's agents.
  public var portainerAgentPort = 9001
  /// Where datasets are mounted.
  public var mountBase = "/mnt/pve"
  /// The name of Step-CA in DNS.
  public var certificateAuthorityName: String?
  /// The provisioner that Phoenix uses.
  public var provisioner: String?

  /// Creates a site of which nothing is known.
  public init() {}

  /// The hypervisor's address, without prefix.
  public var hypervisorAddress: String? { hypervisorBlock.flatMap { AddressBlock($0)?.address.description } }
}
