extension Shape {
  /// phoenix_vm_configs.json
  static let machines = Shape.object([
    ShapeKey("vm_defaults", machineDefaults, "What machines have that do not say otherwise."),
    ShapeKey("vms", .array(machine), "The virtual machines."),
  ])

  private static let machineDefaults = Shape.object([
    ShapeKey("template", .name, "Cloud image or template."),
    ShapeKey("cores", .integer(1...8192), "Processor cores."),
    ShapeKey("memory_mb", .integer(16...Int.max), "Memory in MiB."),
    ShapeKey("disk_size_gb", .count, "Size of the first disk in GiB."),
    ShapeKey("storage_pool", .name, "Proxmox storage of the disks."),
    ShapeKey("network_bridge", .name, "Bridge of the host."),
  ])

  private static let machine = Shape.object([
    ShapeKey("vmid", .guestID, "Number of the machine.", isRequired: true),
    ShapeKey("name", .text(.hostName), "Host name.", isRequired: true),
    ShapeKey("is_template", .bool, "Whether it is a template that others are cloned from."),
    ShapeKey("template_image", .name, "File of a cloud image that the template is built from."),
    ShapeKey("template_snapshot_name", .name, "The snapshot that clones are made from."),
    ShapeKey("clone_from_vmid", .guestID, "The machine it is cloned from."),
    ShapeKey("cores", .integer(1...8192), "Processor cores."),
    ShapeKey("memory_mb", .integer(16...Int.max), "Memory in MiB."),
    ShapeKey("disk_size_gb", .count, "Size of the first disk in GiB; it only grows."),
    ShapeKey("storage_pool", .name, "Proxmox storage of the disks."),
    ShapeKey("network_bridge", .name, "Bridge of the host."),
    ShapeKey("start_at_boot", .bool, "Whether it starts with the hypervisor."),
    ShapeKey("boot_order", .amount, "Place in the order of start."),
    ShapeKey("boot_delay", .amount, "Seconds to wait after its start."),
    ShapeKey(
      "features", .strings, "Provisioning steps: base_setup, trusted_ca, step_cli, docker, docker_proxy..."),
    ShapeKey("portainer_role", portainerRole, "Part in Portainer; default none."),
    ShapeKey("portainer_environment_name", .name, "Name of its environment in Portainer."),
    ShapeKey(
      "portainer_agent_hostname", .text(.hostName), "Name of its Portainer agent; Traefik has a route for it."
    ),
    ShapeKey("swarm_role", .choice(["manager", "worker"]), "Part in the Docker swarm."),
    ShapeKey("node_labels", .array(.text(.keyValue)), "Labels of its swarm node, key=value."),
    ShapeKey("dependencies", .guestIDs, "Guests that must be ready first."),
    ShapeKey("traefik_service", .routedService, "A service that Traefik routes to."),
    ShapeKey("network_config", machineNetwork, "Network device, by cloud-init."),
    ShapeKey("mac_address", .text(.mac), "Hardware address of the network device."),
    ShapeKey(
      "user_config", .object([ShapeKey("username", .name, "The user that may use sudo.")]), "By cloud-init."),
    ShapeKey("volumes", .array(machineVolume), "Shares that it mounts."),
    ShapeKey("docker_stacks", .array(.either([.name, stackReference])), "The stacks that run on it."),
    ShapeKey("dns_records", .array(dnsRecord), "DNS names of its own."),
    ShapeKey("health_check", .healthCheck, "How to tell that it works."),
    ShapeKey("firewall", .guestFirewall, "Its firewall; without it the guest's rules are not ours."),
    ignoredFields,
    ShapeKey("enable_lifecycle_snapshots", .bool, "Whether snapshots are taken at steps of its life."),
    ShapeKey("trigger_sync_on_completion", .bool, "Whether everything is synchronised after its creation."),
    ShapeKey("tests", .any, "Carried."),
  ])

  private static let machineNetwork = Shape.object([
    ShapeKey("ip", .text(.blockOrDHCP), "Address with prefix, or dhcp."),
    ShapeKey("gw", .text(.address), "Gateway."),
    ShapeKey("nameserver", .nameservers, "DNS servers."),
  ])

  private static let machineVolume = Shape.object([
    ShapeKey("type", .choice(["nfs"]), "Kind of share.", isRequired: true),
    ShapeKey("name", .name, "Name of the share."),
    ShapeKey("server", .text(.hostName), "Host that exports it."),
    ShapeKey("path", .text(.absolutePath), "Path on the server.", isRequired: true),
    ShapeKey("mount_point", .text(.absolutePath), "Where the machine sees it.", isRequired: true),
  ])

  /// Upstream's files have both forms.
  private static let stackReference = Shape.object([
    ShapeKey("name", .name, "Name of the stack.", isRequired: true),
    ShapeKey("environment", stackEnvironmentName, "Default production."),
  ])

  static let stackEnvironmentName = Shape.choice(["production", "testing", "development"])

  private static let dnsRecord = Shape.object([
    ShapeKey("hostname", .text(.hostName), "Name.", isRequired: true),
    ShapeKey("ip", .text(.address), "Address.", isRequired: true),
  ])
}
