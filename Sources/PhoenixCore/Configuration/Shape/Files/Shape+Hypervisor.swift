extension Shape {
  /// phoenix_hypervisor_config.json
  static let hypervisor = Shape.object([
    ShapeKey("version", .line, "Version of the file, for people."),
    ShapeKey("author", .line, "For people."),
    ShapeKey(
      "domain_name", .text(.hostName), "The internal domain, in which guests and services have their names."),
    ShapeKey("timezone", .name, "Time zone, such as Europe/Berlin."),
    ShapeKey("users", users, "The administrator of the hypervisor."),
    ShapeKey("core_paths", corePaths, "Where other files are, relative to this directory."),
    ShapeKey("network", network, "The hypervisor's network."),
    ShapeKey("zfs", zfs, "Pools and datasets."),
    ShapeKey("proxmox_storage_ids", .map(.name, .name), "Names of storages, by a name of your own."),
    ShapeKey("mount_point_base", .text(.absolutePath), "Where datasets are mounted; default /mnt/pve."),
    ShapeKey(
      "nfs", .object([ShapeKey("exports", .array(nfsExport), "What is exported, to whom.")]), "NFS server."),
    ShapeKey("samba", samba, "Samba server."),
    ShapeKey("dns_server", dnsServer, "DNS server of the internal domain."),
    ShapeKey("step_ca", stepCA, "Names of the certificate authority."),
    ShapeKey("docker", docker, "Images that Phoenix runs."),
    ShapeKey("portainer_api", portainerAPI, "Access to Portainer."),
    ShapeKey("firewall", datacenterFirewall, "Firewall of the datacenter, which filters the hosts."),
    ShapeKey("proxmox_defaults", proxmoxDefaults, "What containers have that do not say otherwise."),
    ShapeKey(
      "vm_defaults",
      .object([ShapeKey("ubuntu_release", .name, "Release of the cloud image.")], isOpen: true),
      "What machines have that do not say otherwise."),
    ShapeKey("nvidia_driver", .any, "Carried for provisioning steps."),
    ShapeKey(
      "shared_volumes",
      .map(
        .name, sharedVolume,
        named: [ShapeKey("firewall", datacenterFirewall, "Accepted here when misplaced.")]),
      "Directories of the host that several guests see."),
    ShapeKey("behavior", behavior, "Carried."),
    ShapeKey("tests", .any, "Carried."),
  ])

  private static let users = Shape.object([
    ShapeKey("username", .name, "Login."),
    ShapeKey("password_hash", .line, "Hash for /etc/shadow, or NOT_SET.", isSecret: true),
    ShapeKey("sudo_access", .bool, "Whether it may use sudo."),
    ShapeKey("ssh_public_key", .line, "Key that may log in."),
  ])

  static let corePathKeys: [ShapeKey] = [
    ShapeKey("lxc_config_file", .name, "Instead of phoenix_lxc_configs.json."),
    ShapeKey("vm_config_file", .name, "Instead of phoenix_vm_configs.json."),
    ShapeKey("stacks_config_file", .name, "Instead of phoenix_stacks_config.json."),
    ShapeKey("certificate_manifest_file", .name, "Instead of certificate-manifest.json."),
  ]

  private static let corePaths = Shape.object(
    corePathKeys + [
      ShapeKey("lxc_config_schema_file", .name, "Carried."),
      ShapeKey("hf_token_file", .name, "Carried."),
      ShapeKey("docker_token_file", .name, "Carried."),
      ShapeKey("docker_images_path", .name, "Carried."),
      ShapeKey("hypervisor_marker_dir", .name, "Carried."),
      ShapeKey("hypervisor_marker", .name, "Carried."),
    ], isOpen: true)

  private static let network = Shape.object([
    ShapeKey("interfaces", hostInterface, "The bridge and the hypervisor's address."),
    ShapeKey("default_subnet", .text(.block), "The internal network."),
    ShapeKey("nfs_server", .text(.hostName), "Host of the shares."),
    ShapeKey("fallback_dns", .text(.address), "DNS server when the own one is not there."),
    ShapeKey("portainer_server_ip", .text(.address), "Portainer's address."),
    ShapeKey("portainer_server_port", .port, "Portainer's port; default 9443."),
    ShapeKey("portainer_agent_port", .port, "Port of the agents; default 9001."),
    ShapeKey("external_registry_url", .line, "Registry of own images."),
    ShapeKey(
      "internal_bridge",
      .object([
        ShapeKey("name", .name, "Name of the bridge.", isRequired: true),
        ShapeKey("subnet", .text(.block), "Its network."),
      ]), "Bridge without a way out."),
    ShapeKey("public_bridge", .name, "Bridge to the outside."),
    ShapeKey("public_vlan_tag", .integer(1...4094), "VLAN of the outside."),
    ShapeKey("macvlan_vlan_tag", .integer(1...4094), "VLAN of guests with macvlan."),
  ])

  private static let hostInterface = Shape.object([
    ShapeKey("name", .name, "Name of the bridge, such as vmbr0.", isRequired: true),
    ShapeKey("address", .text(.block), "The hypervisor's address with prefix.", isRequired: true),
    ShapeKey("gateway", .text(.address), "Gateway."),
    ShapeKey("dns_nameservers", .nameservers, "DNS servers of the host."),
  ])

  private static let zfs = Shape.object([
    ShapeKey("arc_max_gb", .count, "Limit of the cache in GiB."),
    ShapeKey("pools", .array(zfsPool), "Pools. Disks are never wiped."),
    ShapeKey("datasets", .array(dataset), "Datasets; the Proxmox storage is called pool-name."),
  ])

  private static let zfsPool = Shape.object([
    ShapeKey("name", .name, "Name of the pool.", isRequired: true),
    ShapeKey(
      "raid_level", .choice(["single", "mirror", "raidz", "raidz2", "raidz3"]), "How disks are combined."),
    ShapeKey("disks", .array(.text(.absolutePath)), "Devices by their id."),
  ])

  private static let dataset = Shape.object([
    ShapeKey("name", .name, "Name in the pool.", isRequired: true),
    ShapeKey("pool", .name, "Its pool.", isRequired: true),
    ShapeKey("properties", .either([.line, .map(.name, .line)]), "ZFS properties, k=v,k=v."),
    ShapeKey("proxmox_storage_type", .choice(["zfspool", "dir"]), "How Proxmox uses it."),
    ShapeKey("proxmox_content_type", .line, "What Proxmox keeps there: images,rootdir."),
    ShapeKey("storage_class", .choice(["direct", "shared"]), "Whether several guests share it."),
  ])

  private static let nfsExport = Shape.object([
    ShapeKey("path", .text(.absolutePath), "What is exported.", isRequired: true),
    ShapeKey("clients", .array(.text(.peers)), "Who may mount it.", isRequired: true),
    ShapeKey("options", .strings, "Options of exports(5)."),
  ])

  private static let samba = Shape.object([
    ShapeKey("user", .name, "User of the shares."),
    ShapeKey(
      "shares",
      .array(
        .object([
          ShapeKey("name", .name, "Name of the share.", isRequired: true),
          ShapeKey("path", .name, "Dataset or path.", isRequired: true),
          ShapeKey("options", .line, "Options, k=v k=v."),
          ShapeKey("valid_users", .strings, "Who may use it."),
        ])), "Shares."),
  ])

  private static let dnsServer = Shape.object([
    ShapeKey("enabled", .bool, "Whether the hypervisor serves DNS."),
    ShapeKey("upstream_servers", .array(.text(.address)), "Who answers for other domains."),
    ShapeKey("authoritative_zones", .array(dnsZone), "Zones of its own."),
  ])

  private static let dnsZone = Shape.object([
    ShapeKey("zone_name", .text(.hostName), "Name of the zone.", isRequired: true),
    ShapeKey(
      "records",
      .array(
        .object([
          ShapeKey("hostname", .name, "Name in the zone.", isRequired: true),
          ShapeKey("ip", .text(.address), "Address."),
          ShapeKey("ip_internal", .text(.address), "Address for the inside."),
          ShapeKey("ip_external", .text(.address), "Address for the outside."),
        ])), "Records."),
  ])

  private static let stepCA = Shape.object([
    ShapeKey("root_ca_name", .name, "Name of the root certificate."),
    ShapeKey("intermediate_ca_name", .name, "Name of the intermediate certificate."),
    ShapeKey("dns_name", .text(.hostName), "Name of the service."),
    ShapeKey("provisioner_name", .name, "Provisioner that Phoenix uses."),
  ])

  private static let docker = Shape.object([
    ShapeKey("portainer_server_image", .name, "Image of Portainer."),
    ShapeKey("portainer_agent_image", .name, "Image of its agent."),
  ])

  private static let portainerAPI = Shape.object([
    ShapeKey("admin_user", .name, "Name of the administrator."),
    ShapeKey(
      "admin_password", .line, "Better a systemd credential, portainer-admin-password.", isSecret: true),
    ShapeKey("portainer_hostname", .text(.hostName), "Name of the service."),
    ShapeKey("api_key", .line, "Better a systemd credential.", isSecret: true),
  ])

  private static let datacenterFirewall = Shape.object([
    ShapeKey("enabled", .bool, "Whether the firewall of the datacenter is on."),
    ShapeKey(
      "default_input_policy", .choice(["ACCEPT", "DROP", "REJECT"]), "For packets in that no rule matches."),
    ShapeKey(
      "default_output_policy", .choice(["ACCEPT", "DROP", "REJECT"]), "For packets out that no rule matches."),
    ShapeKey(
      "global_firewall_rules", .array(firewallRule),
      "Rules of the hosts, in the order in which they are tried."),
  ])

  private static let proxmoxDefaults = Shape.object(
    [
      ShapeKey("zfs_lxc_pool", .name, "Carried."),
      ShapeKey("lxc", .any, "What containers have that do not say otherwise."),
    ], isOpen: true)

  private static let sharedVolume = Shape.object([
    ShapeKey("host_path", .text(.absolutePath), "Directory of the host.", isRequired: true),
    ShapeKey("mounts", .map(.guestID, .text(.absolutePath)), "Where guests see it, by their number."),
  ])

  private static let behavior = Shape.object([
    ShapeKey("rollback_on_failure", .bool, "Carried."),
    ShapeKey("debug_mode", .bool, "Carried."),
  ])
}
