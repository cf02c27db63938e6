/// The users' files as they were read: each one's root node, by its name.
public struct ConfigurationNodes: Sendable {
  /// phoenix_lxc_configs.json.
  public var containers: Node?
  /// phoenix_vm_configs.json.
  public var machines: Node?
  /// phoenix_hypervisor_config.json.
  public var hypervisor: Node?
  /// phoenix_stacks_config.json.
  public var stacks: Node?
  /// certificate-manifest.json.
  public var certificates: Node?
  /// phoenixd.json.
  public var daemon: Node?

  /// Creates a set with no files.
  public init() {}
}

/// What several systems read of the users' files, checked and normalised.
public struct Inventory: Sendable {
  /// Creates an empty inventory.
  public init() {}
}
