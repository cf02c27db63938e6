import PhoenixCore

extension Proxmox {
  /// What a guest's configuration should be. What the files leave open is nil, and stays as it is.
  public struct DesiredGuest: Codable, Hashable, Sendable {
    /// Whether it is a container or a machine.
    public var kind: GuestKind
    /// Its host name.
    public var name: String
    /// Whether others are cloned from it and it never runs.
    public var isTemplate = false
    /// The guest that it is cloned from.
    public var source: Int?
    /// Processor cores.
    public var cores: Int?
    /// Memory in MiB.
    public var memory: Int?
    /// Swap in MiB; only containers have it.
    public var swap: Int?
    /// The size of its first disk in GiB.
    public var diskSize: Int?
    /// The storage of its first disk.
    public var storage: String?
    /// Its network devices.
    public var networks: [DesiredNetwork] = []
    /// Its DNS servers; empty when the files name none.
    public var nameservers: [String] = []
    /// Whether it starts with the hypervisor.
    public var startsAtBoot: Bool?
    /// Its place in the order of start.
    public var bootOrder: Int?
    /// Seconds to wait after its start.
    public var bootDelay: Int?
    /// Whether containers may run in it; only containers have it.
    public var allowsNesting: Bool?
    /// The user that cloud-init makes; only machines have it.
    public var user: String?
    /// The fields that are left as they are, as the plan names them.
    public var ignored: Set<String> = []

    /// Creates a guest that may be like anything.
    public init(kind: GuestKind, name: String) {
      self.kind = kind
      self.name = name
    }
  }

  /// What a network device should be.
  public struct DesiredNetwork: Codable, Hashable, Sendable {
    /// Its number: 0 for net0.
    public var slot: Int
    /// Name in the guest, such as eth0; only containers have it.
    public var name: String?
    /// Bridge of the host.
    public var bridge: String?
    /// Address with prefix, or `dhcp`.
    public var address: String?
    /// Gateway.
    public var gateway: String?
    /// Hardware address; nil keeps the one that Proxmox chose.
    public var mac: String?
    /// Whether the guest's firewall filters it; nil leaves that.
    public var isFiltered: Bool?

    /// Creates a device.
    public init(
      slot: Int = 0, name: String? = nil, bridge: String? = nil, address: String? = nil,
      gateway: String? = nil,
      mac: String? = nil, isFiltered: Bool? = nil
    ) {
      self.slot = slot
      self.name = name
      self.bridge = bridge
      self.address = address
      self.gateway = gateway
      self.mac = mac
      self.isFiltered = isFiltered
    }
  }

  /// The configuration of a guest: `proxmox/container/103`, `proxmox/vm/1001`.
  static func guestResource(_ vmid: Int, _ kind: GuestKind) -> ResourceID {
    ResourceID(.proxmox, kind.resourceKind, "\(vmid)")
  }

  /// Whether it runs, with what its configuration says: `proxmox/power/103`.
  static func powerResource(_ vmid: Int) -> ResourceID { ResourceID(.proxmox, powerKind, "\(vmid)") }

  /// The kind of what runs.
  static let powerKind = "power"
}

extension Proxmox.GuestKind {
  /// The kind of its resource.
  var resourceKind: String {
    switch self {
    case .container: "container"
    case .machine: "vm"
    }
  }
}
