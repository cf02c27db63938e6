/// One of the files that make the desired state.
public enum ConfigurationPart: String, CaseIterable, Sendable, Hashable, Codable {
  case containers, machines, hypervisor, stacks, certificates, daemon

  /// The file's usual name, in the configuration directory.
  public var fileName: String {
    switch self {
    case .containers: "phoenix_lxc_configs.json"
    case .machines: "phoenix_vm_configs.json"
    case .hypervisor: "phoenix_hypervisor_config.json"
    case .stacks: "phoenix_stacks_config.json"
    case .certificates: "certificate-manifest.json"
    case .daemon: "phoenixd.json"
    }
  }

  /// The file's schema, in etc/schema.
  public var schemaName: String { fileName.dropLast(".json".count) + ".schema.json" }

  /// What the file may hold.
  public var shape: Shape {
    switch self {
    case .containers: .containers
    case .machines: .machines
    case .hypervisor: .hypervisor
    case .stacks: .stacks
    case .certificates: .certificates
    case .daemon: .daemon
    }
  }

  /// The key of `core_paths` that names another file for it.
  public var corePathKey: String? {
    switch self {
    case .containers: "lxc_config_file"
    case .machines: "vm_config_file"
    case .stacks: "stacks_config_file"
    case .certificates: "certificate_manifest_file"
    case .hypervisor, .daemon: nil
    }
  }

  /// Whether it is one of the users' files, whose lack is worth a warning.
  public var isExpected: Bool { self != .daemon }
}
