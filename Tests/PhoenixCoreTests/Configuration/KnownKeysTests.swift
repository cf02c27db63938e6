import PhoenixCore
import Testing

/// Every key that the users' files may hold is known. `*` stands for a name of the users' own, `[]` for an
/// element; `{a,b}` lists keys of one object.
@Suite struct KnownKeysTests {
  @Test(arguments: [
    (
      ConfigurationPart.containers,
      """
      $schema nvidia_driver_version nvidia_repo_url nvidia_runfile_url
      lxc_configs.*.{name,memory_mb,swap_mb,cores,storage_pool,storage_size_gb,unprivileged,is_template}
      lxc_configs.*.{template,template_file,clone_from_ctid,template_snapshot_name,mac_address,apparmor_profile}
      lxc_configs.*.{apparmor_manages_nesting,gpu_assignment,application_script,bootstrap_ca_url,start_at_boot}
      lxc_configs.*.{boot_order,boot_delay,portainer_role,enable_lifecycle_snapshots,trigger_sync_on_completion}
      lxc_configs.*.{tests,vllm_engine_config,features,pct_options,lxc_options,ports,dependencies}
      lxc_configs.*.network_config.{name,bridge,ip,gw,hwaddr,nameservers}
      lxc_configs.*.secondary_network_config.{name,bridge,ip,gw,hwaddr,nameservers}
      lxc_configs.*.id_maps.[].{type,container_id,host_id,size}
      lxc_configs.*.mount_points.[].{host_path,container_path,owner_uid,owner_gid}
      lxc_configs.*.zfs_volumes.[].{name,pool,size_gb,mount_point}
      lxc_configs.*.traefik_service.{name,port,scheme}
      lxc_configs.*.health_check.{command,retries,interval}
      lxc_configs.*.firewall.enabled
      lxc_configs.*.firewall.rules.[].{type,action,proto,source,dest,port,comment}
      """
    ),
    (
      .machines,
      """
      vm_defaults.{template,cores,memory_mb,disk_size_gb,storage_pool,network_bridge}
      vms.[].{vmid,name,is_template,template_image,template_snapshot_name,clone_from_vmid,cores,memory_mb}
      vms.[].{disk_size_gb,start_at_boot,boot_order,boot_delay,features,portainer_role,dependencies}
      vms.[].{portainer_environment_name,portainer_agent_hostname,swarm_role,node_labels,docker_stacks}
      vms.[].{trigger_sync_on_completion,dns_records}
      vms.[].traefik_service.{name,port,scheme}
      vms.[].network_config.{ip,gw,nameserver}
      vms.[].user_config.username
      vms.[].volumes.[].{type,name,server,path,mount_point}
      vms.[].firewall.enabled
      vms.[].firewall.rules.[].{type,action,proto,source,dest,port,comment}
      """
    ),
    (
      .hypervisor,
      """
      version author domain_name timezone mount_point_base proxmox_storage_ids.* tests
      users.{username,password_hash,sudo_access,ssh_public_key}
      core_paths.{lxc_config_file,vm_config_file}
      network.interfaces.{name,address,gateway,dns_nameservers}
      network.{default_subnet,nfs_server,fallback_dns,portainer_server_ip,portainer_server_port}
      network.{portainer_agent_port,external_registry_url,public_bridge,public_vlan_tag,macvlan_vlan_tag}
      network.internal_bridge.{name,subnet}
      zfs.arc_max_gb
      zfs.pools.[].{name,raid_level,disks}
      zfs.datasets.[].{name,pool,properties,proxmox_storage_type,proxmox_content_type,storage_class}
      nfs.exports.[].{path,clients,options}
      samba.user
      samba.shares.[].{name,path,options,valid_users}
      dns_server.{enabled,upstream_servers,authoritative_zones}
      step_ca.{root_ca_name,intermediate_ca_name,dns_name,provisioner_name}
      docker.{portainer_server_image,portainer_agent_image}
      portainer_api.{admin_user,admin_password,portainer_hostname,api_key}
      firewall.{enabled,default_input_policy,default_output_policy}
      firewall.global_firewall_rules.[].{type,action,proto,source,dest,port,comment}
      proxmox_defaults.lxc.anything
      vm_defaults.ubuntu_release
      nvidia_driver.anything
      shared_volumes.*.host_path
      shared_volumes.*.mounts.*
      shared_volumes.firewall.{enabled,default_input_policy,default_output_policy,global_firewall_rules}
      behavior.{rollback_on_failure,debug_mode}
      """
    ),
    (
      .stacks,
      """
      docker_stacks.*.{description,compose_file_path}
      docker_stacks.*.nginx_proxy.hostname
      docker_stacks.*.environments.production.variables.[].{name,value}
      docker_stacks.*.environments.testing.files.[].{source,destination_in_container}
      docker_stacks.*.environments.development.services.*.traefik_labels
      docker_stacks.*.environments.production.firewall_rules.[].{type,action,proto,source,dest,port,comment}
      """
    ),
    (
      .certificates,
      """
      [].{common_name,sans,guest_id,guest_type,cert_type,cert_path,key_path,include_ca,owner,permissions}
      [].{post_renewal_command,lifetime}
      [].deploy.[].{guest_id,cert_path,key_path,ca_path,owner,mode,consumer,probe}
      """
    ),
    (
      .daemon,
      """
      proxmox.{endpoints,node,ca_file,token_credential}
      step_ca.{url,root_fingerprint,provisioner,password_credential}
      docker.managers traefik.api portainer.{url,password_credential}
      shell.{container_user,key_credential,known_hosts,hypervisor}
      shell.overrides.*.via
      intervals.{proxmox,step_ca,nginx,traefik,swarm,full}
      policy.{self_heal,allow,max_deletes,max_changed_fraction,enforce_docker_firewall}
      policy.self_heal.{proxmox,step_ca,certificates,docker_api}
      policy.windows.[].{days,from,to,allow}
      """
    ),
  ])
  func everyKeyIsKnown(part: ConfigurationPart, paths: String) {
    for word in paths.split(whereSeparator: \.isWhitespace) {
      let path = word.split(separator: ".").map(String.init)
      let last = path.last ?? ""
      let names =
        last.hasPrefix("{") ? last.dropFirst().dropLast().split(separator: ",").map(String.init) : [last]
      for name in names where name != "$schema" {
        #expect(
          part.shape.knows(path.dropLast() + [name]),
          "\(part): \(path.dropLast().joined(separator: ".")).\(name)")
      }
    }
  }

  @Test func unknownKeysAreNot() {
    #expect(!ConfigurationPart.containers.shape.knows(["lxc_configs", "*", "memory"]))
    #expect(!ConfigurationPart.machines.shape.knows(["vms", "[]", "firewall", "rule"]))
    #expect(!ConfigurationPart.daemon.shape.knows(["policies"]))
  }
}

extension Shape {
  /// Whether a path leads to something.
  fileprivate func knows(_ path: some Collection<String>) -> Bool {
    guard let step = path.first else { return true }
    let rest = path.dropFirst()
    switch self {
    case .any: return true
    case .array(let element): return step == "[]" && element.knows(rest)
    case .map(_, let value, let named):
      if let key = named.first(where: { $0.name == step }) { return key.shape.knows(rest) }
      return step == "*" && value.knows(rest)
    case .object(let object): return object[step].map { $0.shape.knows(rest) } ?? false
    case .either(let shapes): return shapes.contains { $0.knows(path) }
    default: return false
    }
  }
}
