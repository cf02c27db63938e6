extension Inventory {
  /// Decodes the files. What is wrong with a value is left out: the shape's findings tell it.
  ///
  /// - Parameters:
  ///   - nodes: The files.
  ///   - findings: Gets what only decoding sees, such as repeated rules.
  init(decoding nodes: ConfigurationNodes, findings: inout [Finding]) {
    self.init()
    site = Site(decoding: nodes.hypervisor)
    datacenterFirewall = DatacenterFirewall(decoding: nodes.hypervisor, findings: &findings)
    var all = Guest.containers(nodes.containers, findings: &findings)
    all += Guest.machines(nodes.machines, findings: &findings)
    // A machine that is not known may well declare a role.
    if !nodes.unreadable.contains(.machines) { Guest.deriveSwarmRoles(&all, findings: &findings) }
    guests = Guest.unique(all, findings: &findings)
    stacks = Stack.list(decoding: nodes.stacks, findings: &findings)
    certificates = (nodes.certificates?.elements ?? []).compactMap { CertificateEntry(decoding: $0) }
    settings = DaemonSettings(decoding: nodes.daemon, for: self)
  }
}

extension Site {
  /// Decodes phoenix_hypervisor_config.json.
  init(decoding root: Node?) {
    self.init()
    guard let root else { return }
    let network = root["network"]
    domain = root["domain_name"]?.accepted(.hostName)?.lowercased()
    timezone = root["timezone"]?.string
    hypervisorBlock = network?["interfaces"]?["address"]?.accepted(.block)
    bridge = network?["interfaces"]?["name"]?.string
    gateway = network?["interfaces"]?["gateway"]?.accepted(.address)
    subnet = network?["default_subnet"]?.accepted(.block)
    nameservers = network?["interfaces"]?["dns_nameservers"]?.addressList ?? []
    nfsServer = network?["nfs_server"]?.string
    portainerAddress = network?["portainer_server_ip"]?.accepted(.address)
    portainerPort = network?["portainer_server_port"]?.integer ?? portainerPort
    portainerAgentPort = network?["portainer_agent_port"]?.integer ?? portainerAgentPort
    mountBase = root["mount_point_base"]?.accepted(.absolutePath) ?? mountBase
    certificateAuthorityName = root["step_ca"]?["dns_name"]?.accepted(.hostName)
    provisioner = root["step_ca"]?["provisioner_name"]?.string
  }
}

extension Stack {
  /// Decodes phoenix_stacks_config.json, the stacks by name.
  static func list(decoding root: Node?, findings: inout [Finding]) -> [Stack] {
    var stacks: [Stack] = []
    for member in root?["docker_stacks"]?.members ?? [] where TextFormat.stackName.accepts(member.key) {
      var stack = Stack(name: member.key, location: member.keyLocation)
      stack.composePath = member.value["compose_file_path"]?.accepted(.path)
      stack.gatewayName = member.value["nginx_proxy"]?["hostname"]?.accepted(.hostName)
      for environment in member.value["environments"]?.members ?? [] {
        let rules = FirewallRule.list(decoding: environment.value["firewall_rules"], findings: &findings)
        if !rules.isEmpty { stack.firewallRules[environment.key] = rules }
        let reference = StackReference(name: stack.name, environment: environment.key)
        let routes = (environment.value["services"]?.members ?? []).flatMap { service in
          StackRoute.list(
            decoding: service.value["traefik_labels"], stack: reference, service: service.key)
        }
        if !routes.isEmpty { stack.routes[environment.key] = routes }
      }
      stacks.append(stack)
    }
    return stacks.sorted { $0.name < $1.name }
  }
}

extension Node {
  /// The string, when it is of a format.
  func accepted(_ format: TextFormat) -> String? {
    guard let text = string, format.accepts(text) else { return nil }
    return text
  }

  /// Addresses in one string with spaces or commas between, or as a list.
  var addressList: [String] {
    switch content {
    case .string(let text): TextFormat.addresses(text).map(\.description)
    case .array: strings.compactMap { IPAddress($0)?.description }
    default: []
    }
  }

  /// The number of a guest, written either way.
  var guestID: Int? {
    guard let number = integer, TextFormat.guestID.accepts("\(number)") else { return nil }
    return number
  }
}
