/// The users' files as they were read: each one's root node, by its name.
public struct ConfigurationNodes: Sendable {
  /// phoenix_lxc_configs.json.
  public var containers: Node?
  /// phoenix_vm_configs.json.
  public var machines: Node?
  /// phoenix_hypervisor_config.json.
  public var hypervisor: Node?
  /// phoenix_stacks_config.json with every stacks/NAME/phoenix.json merged into it.
  public var stacks: Node?
  /// certificate-manifest.json.
  public var certificates: Node?
  /// phoenixd.json.
  public var daemon: Node?
  /// The files that are there and could not be read, or not understood: what they would declare is not known, so
  /// nothing dangles.
  public var unreadable: Set<ConfigurationPart> = []

  /// Creates a set with no files.
  public init() {}

  /// A file by its part.
  public subscript(part: ConfigurationPart) -> Node? {
    get {
      switch part {
      case .containers: containers
      case .machines: machines
      case .hypervisor: hypervisor
      case .stacks: stacks
      case .certificates: certificates
      case .daemon: daemon
      }
    }
    set {
      switch part {
      case .containers: containers = newValue
      case .machines: machines = newValue
      case .hypervisor: hypervisor = newValue
      case .stacks: stacks = newValue
      case .certificates: certificates = newValue
      case .daemon: daemon = newValue
      }
    }
  }
}
