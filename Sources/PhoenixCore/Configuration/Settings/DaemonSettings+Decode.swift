extension DaemonSettings {
  /// Decodes phoenixd.json, and derives what it leaves out.
  ///
  /// - Parameters:
  ///   - root: The file; nil when there is none.
  ///   - inventory: The rest of the inventory.
  init(decoding root: Node?, for inventory: Inventory) {
    self.init()
    decodeEndpoints(root, for: inventory)
    decodeShell(root?["shell"], for: inventory)
    intervals = Intervals(decoding: root?["intervals"])
    policy = Policy(decoding: root?["policy"])
    timeouts = Timeouts(decoding: root?["timeouts"])
    if let node = root?["concurrency"] {
      concurrency.actions = node["actions"]?.integer ?? concurrency.actions
      concurrency.requestsPerEndpoint =
        node["requests_per_endpoint"]?.integer ?? concurrency.requestsPerEndpoint
      concurrency.certificates = node["certificates"]?.integer ?? concurrency.certificates
    }
  }

  private mutating func decodeEndpoints(_ root: Node?, for inventory: Inventory) {
    let url = { (scheme: String, host: String?, port: Int?) -> String? in
      host.map { host in
        "\(scheme)://\(host.asURLHost)\(port.map { ":\($0)" } ?? "")"
      }
    }
    let own = root?["proxmox"]
    proxmox.endpoints = own?["endpoints"].map { $0.strings.filter(TextFormat.webAddress.accepts) } ?? []
    if proxmox.endpoints.isEmpty {
      proxmox.endpoints = [url("https", inventory.site.hypervisorAddress, 8006)].compactMap { $0 }
    }
    proxmox.node = own?["node"]?.string
    proxmox.rootFile = own?["ca_file"]?.accepted(.path)
    proxmox.tokenCredential = own?["token_credential"]?.accepted(.fileName) ?? proxmox.tokenCredential

    let authority = root?["step_ca"]
    stepCA.url =
      authority?["url"]?.accepted(.webAddress) ?? url("https", inventory.certificateAuthority?.address, 9000)
    stepCA.rootFingerprint = authority?["root_fingerprint"]?.accepted(.fingerprint)?.lowercased()
    stepCA.provisioner = authority?["provisioner"]?.string ?? inventory.site.provisioner
    stepCA.passwordCredential =
      authority?["password_credential"]?.accepted(.fileName) ?? stepCA.passwordCredential

    dockerManagers =
      root?["docker"]?["managers"].map { $0.strings.filter(TextFormat.dockerAddress.accepts) } ?? []
    if dockerManagers.isEmpty {
      dockerManagers = inventory.swarmManagers.compactMap { url("tcp", $0.address, 2376) }
    }
    traefikAPI =
      root?["traefik"]?["api"]?.accepted(.webAddress) ?? url("https", inventory.reverseProxy?.address, nil)

    let primary = inventory.guests.first { $0.portainerRole == .primary }?.address
    portainer.url =
      root?["portainer"]?["url"]?.accepted(.webAddress)
      ?? url("https", primary ?? inventory.site.portainerAddress, inventory.site.portainerPort)
    portainer.passwordCredential =
      root?["portainer"]?["password_credential"]?.accepted(.fileName) ?? portainer.passwordCredential
  }

  private mutating func decodeShell(_ node: Node?, for inventory: Inventory) {
    shell.containerUser = node?["container_user"]?.string ?? shell.containerUser
    shell.keyCredential = node?["key_credential"]?.accepted(.fileName) ?? shell.keyCredential
    shell.knownHosts = node?["known_hosts"]?.accepted(.path)
    for member in node?["overrides"]?.members ?? [] {
      guard let id = Int(member.key), let via = member.value["via"]?.string else { continue }
      shell.overrides[id] = Shell.Channel(rawValue: via)
    }
    shell.hypervisor =
      node?["hypervisor"]?.accepted(.hypervisorAddress)
      ?? inventory.site.hypervisorAddress.map { "ssh://root@\($0)" }
  }
}

extension DaemonSettings.Intervals {
  /// Decodes `intervals`.
  init(decoding node: Node?) {
    self.init()
    for system in SystemName.allCases {
      bySystem[system] = node?[system.settingsKey]?.duration
    }
    full = node?["full"]?.duration ?? full
  }
}

extension DaemonSettings.Timeouts {
  /// Decodes `timeouts`.
  init(decoding node: Node?) {
    self.init()
    connect = node?["connect"]?.duration ?? connect
    request = node?["request"]?.duration ?? request
    action = node?["action"]?.duration ?? action
    command = node?["command"]?.duration ?? command
    shutdown = node?["shutdown"]?.duration ?? shutdown
  }
}

extension Policy {
  /// Decodes `policy`.
  init(decoding node: Node?) {
    self.init()
    if let all = node?["self_heal"]?.bool { selfHeal = all }
    for system in SystemName.allCases {
      selfHealBySystem[system] = node?["self_heal"]?[system.settingsKey]?.bool
    }
    allow = node?["allow"].map(\.risks) ?? allow
    windows = (node?["windows"]?.elements ?? []).compactMap { window in
      guard let from = window["from"]?.string.flatMap({ WeeklyTime.minutes($0) }),
        let to = window["to"]?.string.flatMap({ WeeklyTime.minutes($0) }),
        let days = WeeklyTime.days(window["days"]?.string ?? "Sun-Sat")
      else { return nil }
      return MaintenanceWindow(days: days, from: from, to: to, allow: window["allow"]?.risks ?? [])
    }
    maxDeletes = node?["max_deletes"]?.integer ?? maxDeletes
    maxChangedFraction = node?["max_changed_fraction"]?.number ?? maxChangedFraction
    enforceDockerFirewall = node?["enforce_docker_firewall"]?.bool ?? enforceDockerFirewall
  }
}

extension Node {
  fileprivate var duration: Duration? { string.flatMap { Duration(configurationText: $0) } }

  fileprivate var risks: Set<Risk> { Set(strings.compactMap(Risk.init(rawValue:))) }

  fileprivate var number: Double? {
    switch content {
    case .integer(let number): Double(number)
    case .number(let text): Double(text)
    default: nil
    }
  }
}
