import PhoenixCore

extension Proxmox {
  /// What should be: how Proxmox is reached, and the firewalls of the guests that are ours.
  public struct Desired: Codable, Equatable, Sendable {
    /// How Proxmox is reached.
    public var access: Access
    /// By vmid. A guest whose firewall is not ours is not there.
    public var firewalls: [Int: DesiredFirewall]
    /// The datacenter's firewall; nil when the files do not declare one.
    public var datacenter: DesiredDatacenter?
    /// What guests' configurations should be, by vmid.
    public var guests: [Int: DesiredGuest]

    /// Creates a desired state.
    public init(
      access: Access, firewalls: [Int: DesiredFirewall], datacenter: DesiredDatacenter? = nil,
      guests: [Int: DesiredGuest] = [:]
    ) {
      self.access = access
      self.firewalls = firewalls
      self.datacenter = datacenter
      self.guests = guests
    }

    /// Whether a guest is a container or a machine; nil for one that is not ours.
    func kind(of vmid: Int) -> GuestKind? { guests[vmid]?.kind ?? firewalls[vmid]?.kind }
  }

  /// How Proxmox is reached.
  public struct Access: Codable, Equatable, Sendable {
    /// Where the API answers, such as `https://10.0.0.13:8006`, tried in this order. Empty: nothing says where.
    public var endpoints: [String]
    /// The node whose lane actions take; nil where the files name none.
    public var node: String?
    /// The file with the root that signed the API's certificate, relative to the configuration directory.
    public var certificateAuthorityFile: String?
    /// The credential that holds the API token, `USER@REALM!ID=SECRET`.
    public var tokenCredential: String

    /// Creates a way to reach Proxmox.
    public init(
      endpoints: [String], node: String?, certificateAuthorityFile: String?, tokenCredential: String
    ) {
      self.endpoints = endpoints
      self.node = node
      self.certificateAuthorityFile = certificateAuthorityFile
      self.tokenCredential = tokenCredential
    }
  }

  /// What one guest's firewall should be.
  public struct DesiredFirewall: Codable, Hashable, Sendable {
    /// Whether it is a container or a machine.
    public var kind: GuestKind
    /// The guest's name, for people.
    public var guestName: String
    /// What it is to become.
    public var target: FirewallTarget
    /// What must still get through when it is what it should be, or Phoenix could not work any more.
    public var ownWays: [OwnWay]
    /// Why it must not be changed although it should be, besides `ownWays`; nil when nothing is against it.
    public var hold: String?

    /// Creates a desired firewall.
    public init(
      kind: GuestKind, guestName: String, target: FirewallTarget, ownWays: [OwnWay] = [], hold: String? = nil
    ) {
      self.kind = kind
      self.guestName = guestName
      self.target = target
      self.ownWays = ownWays
      self.hold = hold
    }
  }

  /// What the datacenter's firewall, which filters the hosts, should be.
  public struct DesiredDatacenter: Codable, Hashable, Sendable {
    /// Whether it is on. Off, no guest is filtered either.
    public var isEnabled: Bool
    /// For traffic to the hosts; nil leaves what is.
    public var policyIn: PacketPolicy?
    /// For traffic from the hosts; nil leaves what is.
    public var policyOut: PacketPolicy?
    /// Its rules, in order.
    public var rules: [Rule]

    /// Creates a desired firewall.
    public init(isEnabled: Bool, policyIn: PacketPolicy?, policyOut: PacketPolicy?, rules: [Rule]) {
      self.isEnabled = isEnabled
      self.policyIn = policyIn
      self.policyOut = policyOut
      self.rules = rules
    }
  }

  /// What sort of guest it is, as Proxmox's paths name it.
  public enum GuestKind: String, Codable, Hashable, Sendable {
    case container = "lxc"
    case machine = "qemu"
  }

  /// A connection that Phoenix itself needs.
  public struct OwnWay: Codable, Hashable, Sendable {
    /// What it is for, such as `SSH from phoenixd`.
    public var purpose: String
    /// Where from, an address.
    public var source: String
    /// The guest's address; nil when it is not known.
    public var destination: String?
    /// The TCP port.
    public var port: Int

    /// Creates a way.
    public init(_ purpose: String, from source: String, to destination: String?, port: Int) {
      self.purpose = purpose
      self.source = source
      self.destination = destination
      self.port = port
    }

    /// The first packet of the connection; nil when the source is no address.
    var packet: Packet? {
      IPAddress(source).map {
        Packet(source: $0, destination: destination.flatMap { IPAddress($0) }, transport: "tcp", port: port)
      }
    }
  }

  static func firewallResource(_ vmid: Int) -> ResourceID { ResourceID(.proxmox, firewallKind, "\(vmid)") }

  /// The kind of guests' firewalls.
  static let firewallKind = "firewall"

  /// The datacenter's firewall.
  static let datacenterResource = ResourceID(.proxmox, "datacenter-firewall", "cluster")

  /// The guest that a resource belongs to; nil for anything else.
  static func vmid(of resource: ResourceID) -> Int? {
    guard resource.system == .proxmox, guestKinds.contains(resource.kind) else { return nil }
    return Int(resource.name)
  }

  private static let guestKinds: Set<String> = [firewallKind, powerKind, "container", "vm"]
}
