extension Shape {
  /// phoenix_lxc_configs.json
  static let containers = Shape.object([
    ShapeKey("nvidia_driver_version", .line, "Carried for provisioning steps."),
    ShapeKey("nvidia_repo_url", .line, "Carried for provisioning steps."),
    ShapeKey("nvidia_runfile_url", .line, "Carried for provisioning steps."),
    ShapeKey("lxc_configs", .map(.guestID, container), "The containers by their number (CTID)."),
  ])

  private static let container = Shape.object(containerKeys)

  private static let containerKeys: [ShapeKey] = [
    ShapeKey("name", .text(.hostName), "Host name.", isRequired: true),
    ShapeKey("memory_mb", .integer(16...Int.max), "Memory in MiB."),
    ShapeKey("swap_mb", .amount, "Swap in MiB."),
    ShapeKey("cores", .integer(1...8192), "Processor cores."),
    ShapeKey("storage_pool", .name, "Proxmox storage of the root file system."),
    ShapeKey("storage_size_gb", .count, "Size of the root file system in GiB; it only grows."),
    ShapeKey("unprivileged", .bool, "Whether root in the container is nobody outside; default true."),
    ShapeKey("is_template", .bool, "Whether it is a template that others are cloned from."),
    ShapeKey("template", .name, "OS template: a path or a storage volume."),
    ShapeKey("template_file", .name, "The same as template."),
    ShapeKey("clone_from_ctid", .guestID, "The container it is cloned from."),
    ShapeKey("template_snapshot_name", .name, "The snapshot that clones are made from."),
    ShapeKey("network_config", containerNetwork, "First network device."),
    ShapeKey("secondary_network_config", containerNetwork, "Second network device."),
    ShapeKey("mac_address", .text(.mac), "Hardware address of the first network device."),
    ShapeKey(
      "features", .strings,
      "Provisioning steps: base_setup, trusted_ca, step_cli, step_ca, traefik, docker..."),
    ShapeKey("pct_options", .strings, "Options of pct, such as --features nesting=1."),
    ShapeKey("lxc_options", .strings, "Raw lines of the container's file, such as lxc.key=value."),
    ShapeKey("apparmor_profile", .name, "AppArmor profile."),
    ShapeKey("apparmor_manages_nesting", .bool, "Whether the profile, not Proxmox, allows nesting."),
    ShapeKey("id_maps", .array(idMap), "Users and groups that are the same inside and outside."),
    ShapeKey("mount_points", .array(mountPoint), "Directories of the host that the container sees."),
    ShapeKey("zfs_volumes", .array(zfsVolume), "Volumes of its own."),
    ShapeKey("gpu_assignment", .line, "none, or the numbers of the GPUs: 0,1."),
    ShapeKey("ports", .array(.text(.portPair)), "Published ports, host:guest."),
    ShapeKey("application_script", .name, "An executable that is run inside the guest."),
    ShapeKey("bootstrap_ca_url", .text(.webAddress), "Step-CA, for guests that start before DNS knows it."),
    ShapeKey("dependencies", .guestIDs, "Guests that must be ready first."),
    ShapeKey("start_at_boot", .bool, "Whether it starts with the hypervisor."),
    ShapeKey("boot_order", .amount, "Place in the order of start."),
    ShapeKey("boot_delay", .amount, "Seconds to wait after its start."),
    ShapeKey("portainer_role", portainerRole, "Part in Portainer; default none."),
    ShapeKey("traefik_service", .routedService, "A service that Traefik routes to."),
    ShapeKey("health_check", .healthCheck, "How to tell that it works."),
    ShapeKey("firewall", .guestFirewall, "Its firewall; without it the guest's rules are not ours."),
    ignoredFields,
    ShapeKey("enable_lifecycle_snapshots", .bool, "Whether snapshots are taken at steps of its life."),
    ShapeKey("trigger_sync_on_completion", .bool, "Whether everything is synchronised after its creation."),
    ShapeKey("tests", .any, "Carried."),
    ShapeKey("vllm_engine_config", .any, "Carried for provisioning steps."),
  ]

  static let ignoredFields = ShapeKey(
    "ignore_fields", .strings,
    "Fields of its configuration that Phoenix leaves as they are, named as the plan names them: memory_mb.")

  /// Upstream's files hold `infrastructure` beside the three that Phoenix tells apart.
  static let portainerRole = Shape.choice(["none", "primary", "agent", "infrastructure"])

  private static let containerNetwork = Shape.object([
    ShapeKey("name", .name, "Name in the guest, such as eth0."),
    ShapeKey("bridge", .name, "Bridge of the host."),
    ShapeKey("ip", .text(.blockOrDHCP), "Address with prefix, or dhcp."),
    ShapeKey("gw", .text(.address), "Gateway."),
    ShapeKey("hwaddr", .text(.mac), "Hardware address."),
    ShapeKey("nameservers", .nameservers, "DNS servers."),
  ])

  private static let idMap = Shape.object([
    ShapeKey("type", .choice(["uid", "gid"]), "Of users or of groups.", isRequired: true),
    ShapeKey("container_id", .amount, "First number inside.", isRequired: true),
    ShapeKey("host_id", .amount, "First number outside.", isRequired: true),
    ShapeKey("size", .count, "How many; default 1."),
  ])

  private static let mountPoint = Shape.object([
    ShapeKey("host_path", .text(.absolutePath), "Directory of the host.", isRequired: true),
    ShapeKey("container_path", .text(.absolutePath), "Where the container sees it.", isRequired: true),
    ShapeKey("owner_uid", .amount, "User inside the container that owns it."),
    ShapeKey("owner_gid", .amount, "Group inside the container that owns it."),
  ])

  private static let zfsVolume = Shape.object([
    ShapeKey("name", .name, "Name of the volume.", isRequired: true),
    ShapeKey("pool", .name, "Proxmox storage.", isRequired: true),
    ShapeKey("size_gb", .count, "Size in GiB.", isRequired: true),
    ShapeKey("mount_point", .text(.absolutePath), "Where the container sees it.", isRequired: true),
  ])
}
