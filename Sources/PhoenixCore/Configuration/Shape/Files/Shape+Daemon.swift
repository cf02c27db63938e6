extension Shape {
  /// phoenixd.json
  static let daemon = Shape.object([
    ShapeKey(
      "proxmox",
      .object([
        ShapeKey(
          "endpoints", .array(.text(.webAddress)),
          "APIs of the nodes, tried in turn; default the hypervisor, port 8006."),
        ShapeKey("node", .text(.hostName), "Name of the node; default the one that answers."),
        ShapeKey(
          "ca_file", .text(.path),
          "Root certificate of the API, in this directory; default the machine's roots."),
        ShapeKey(
          "token_credential", .text(.fileName), "Credential with USER@REALM!ID=SECRET; default proxmox-token."
        ),
      ]), "Proxmox."),
    ShapeKey(
      "step_ca",
      .object([
        ShapeKey("url", .text(.webAddress), "Default the guest with the feature step_ca, port 9000."),
        ShapeKey(
          "root_fingerprint", .text(.fingerprint),
          "SHA-256 of the root certificate; without it Step-CA is not read."),
        ShapeKey("provisioner", .name, "Default step_ca.provisioner_name of the hypervisor's file."),
        ShapeKey("password_credential", .text(.fileName), "Default step-ca-provisioner-password."),
      ]), "Step-CA."),
    ShapeKey(
      "docker",
      .object([
        ShapeKey(
          "managers", .array(.text(.dockerAddress)),
          "Swarm managers, tried in turn; default those with swarm_role manager.")
      ]), "Docker."),
    ShapeKey(
      "traefik",
      .object([ShapeKey("api", .text(.webAddress), "Default the guest with the feature traefik.")]),
      "Traefik."),
    ShapeKey(
      "portainer",
      .object([
        ShapeKey("url", .text(.webAddress), "Default the guest with portainer_role primary."),
        ShapeKey("password_credential", .text(.fileName), "Default portainer-admin-password."),
      ]), "Portainer."),
    ShapeKey("shell", shell, "How guests and the hypervisor are reached."),
    ShapeKey("intervals", intervals, "How often systems are looked at without being asked."),
    ShapeKey("policy", policy, "What the daemon may do by itself."),
    ShapeKey("timeouts", timeouts, "How long things may take."),
    ShapeKey("concurrency", concurrency, "How much is done at a time."),
  ])

  private static let shell = Shape.object([
    ShapeKey("container_user", .name, "User in containers; default root."),
    ShapeKey("key_credential", .text(.fileName), "Credential with the private key; default ssh-key."),
    ShapeKey(
      "known_hosts", .text(.path),
      "File with host keys, in this directory; default known_hosts of the state directory."),
    ShapeKey(
      "overrides",
      .map(
        .guestID,
        .object([
          ShapeKey(
            "via", .choice(["ssh", "agent", "pct"]), "How this guest is reached; default ssh.",
            isRequired: true)
        ])),
      "What differs for some guests, by their number."),
    ShapeKey("hypervisor", .text(.hypervisorAddress), "The hypervisor's helper; default ssh://root@ADDRESS."),
  ])

  /// The systems as phoenixd.json names them, and `full`.
  private static let intervals = Shape.object(
    SystemName.allCases.map {
      ShapeKey(
        $0.settingsKey, .text(.duration),
        "Default \(DaemonSettings.Intervals.usual(for: $0).configurationText).")
    } + [ShapeKey("full", .text(.duration), "Everything; default 10m.")])

  private static let risks = Shape.array(.choice(Risk.allCases.map(\.rawValue)))

  private static let policy = Shape.object([
    ShapeKey(
      "self_heal",
      .either([
        .bool,
        .object(SystemName.allCases.map { ShapeKey($0.settingsKey, .bool, "Default true.") }),
      ]), "Whether drift is mended without being asked; for all, or by system. Default true."),
    ShapeKey("allow", risks, "Risks that the daemon may take at any time; default safe."),
    ShapeKey(
      "windows",
      .array(
        .object([
          ShapeKey("days", .text(.weekdays), "Days on which it begins; default all."),
          ShapeKey("from", .text(.timeOfDay), "Beginning, in the hypervisor's time zone.", isRequired: true),
          ShapeKey(
            "to", .text(.timeOfDay), "End; on the next day when it is before the beginning.", isRequired: true
          ),
          ShapeKey("allow", risks, "Risks that the daemon may take in it.", isRequired: true),
        ])), "Times when it may do more."),
    ShapeKey("max_deletes", .amount, "Deletes that one plan may hold; default 0."),
    ShapeKey(
      "max_changed_fraction", .number(0...1), "Part of a system that one plan may touch; default 0.5."),
    ShapeKey(
      "enforce_docker_firewall", .bool,
      "Whether a swarm node's firewall is on whatever the guest's file says; default false."),
  ])

  private static let timeouts = Shape.object([
    ShapeKey("connect", .text(.duration), "To connect; default 5s."),
    ShapeKey("request", .text(.duration), "For one request; default 30s."),
    ShapeKey("action", .text(.duration), "For one action with its proof; default 5m."),
    ShapeKey("command", .text(.duration), "For one command in a guest; default 30s."),
    ShapeKey("shutdown", .text(.duration), "To finish the running action at SIGTERM; default 60s."),
  ])

  private static let concurrency = Shape.object([
    ShapeKey("actions", .integer(1...64), "Actions at a time; default 8."),
    ShapeKey("requests_per_endpoint", .integer(1...64), "Connections to one endpoint; default 6."),
    ShapeKey("certificates", .integer(1...64), "Certificates renewed at a time; default 4."),
  ])
}
