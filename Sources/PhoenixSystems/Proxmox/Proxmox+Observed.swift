public import PhoenixCore

extension Proxmox {
  /// What was seen.
  public struct Observed: Codable, Equatable, Sendable {
    /// The guests that the API lists for our token, by vmid.
    public var guests: Reading<[Int: ListedGuest]>
    /// The datacenter's firewall, without which no guest is filtered; nil when it was not asked for.
    public var datacenter: Reading<Datacenter>?
    /// The rules of the datacenter's firewall; nil when they were not asked for.
    public var datacenterRules: Reading<[Rule]>?
    /// The firewalls of the guests asked for, by vmid.
    public var firewalls: [Int: Reading<LiveFirewall>]
    /// The configurations of the guests asked for, by vmid.
    public var configurations: [Int: Reading<GuestConfiguration>]
    /// The security groups that rules of guests refer to, by name.
    public var groups: [String: Reading<[Rule]>]
    /// What is wanted of guests' power beyond what the files say, by vmid.
    public var wishes: Reading<[Int: GuestWish]>

    /// Creates an observation.
    public init(
      guests: Reading<[Int: ListedGuest]>, datacenter: Reading<Datacenter>?,
      datacenterRules: Reading<[Rule]>? = nil, firewalls: [Int: Reading<LiveFirewall>] = [:],
      configurations: [Int: Reading<GuestConfiguration>] = [:],
      groups: [String: Reading<[Rule]>] = [:], wishes: Reading<[Int: GuestWish]> = .known([:])
    ) {
      self.guests = guests
      self.datacenter = datacenter
      self.datacenterRules = datacenterRules
      self.firewalls = firewalls
      self.configurations = configurations
      self.groups = groups
      self.wishes = wishes
    }

    /// Creates the observation of a Proxmox that could not be asked at all.
    public init(unreadable reason: String, vmids: some Sequence<Int>) {
      self.init(
        guests: .unreadable(reason), datacenter: .unreadable(reason), datacenterRules: .unreadable(reason))
      for vmid in vmids {
        firewalls[vmid] = .unreadable(reason)
        configurations[vmid] = .unreadable(reason)
      }
    }

    /// The network devices of a guest that its firewall does not filter.
    func unfilteredInterfaces(of vmid: Int) -> [String] {
      (configurations[vmid]?.value?.interfaces ?? []).filter { !$0.isFiltered }.map(\.name)
    }

    /// The rules of the groups that could be read.
    var knownGroups: [String: [Rule]] { groups.compactMapValues(\.value) }
  }

  /// A guest as the cluster's list has it. Its figures lag by some seconds.
  public struct ListedGuest: Codable, Hashable, Sendable {
    /// Whether it is a container or a machine.
    public var kind: GuestKind
    /// The node it is on.
    public var node: String
    /// Its name.
    public var name: String
    /// `running`, `stopped`, `paused` or `unknown`.
    public var status: String

    /// Creates a guest.
    public init(kind: GuestKind, node: String, name: String, status: String) {
      self.kind = kind
      self.node = node
      self.name = name
      self.status = status
    }
  }

  /// The options of the datacenter's firewall.
  public struct Datacenter: Codable, Hashable, Sendable {
    /// Whether it is on. Off, no guest is filtered whatever its own firewall says.
    public var isEnabled: Bool
    /// For traffic to the hosts that no rule decides.
    public var policyIn: PacketPolicy
    /// For traffic from the hosts that no rule decides.
    public var policyOut: PacketPolicy

    /// Creates options; what is left out is what Proxmox does when it is not set.
    public init(isEnabled: Bool, policyIn: PacketPolicy = .drop, policyOut: PacketPolicy = .accept) {
      self.isEnabled = isEnabled
      self.policyIn = policyIn
      self.policyOut = policyOut
    }
  }

  /// A network interface of a guest.
  public struct Interface: Codable, Hashable, Sendable {
    /// Its key in the guest's configuration, such as `net0`.
    public var name: String
    /// Whether the guest's firewall filters it.
    public var isFiltered: Bool

    /// Creates an interface.
    public init(name: String, isFiltered: Bool) {
      self.name = name
      self.isFiltered = isFiltered
    }
  }
}
