import PhoenixCore

/// The files of the proxy: an nginx of our own, apart from the distribution's. Pure.
struct ProxyFiles {
  /// The unit's name.
  static let unit = "phoenix-docker-proxy"

  let layout: DockerAPI.Layout
  let door: DockerAPI.Door
  /// The declared clients, each with the leaves that are let in: SHA-1, in small hexadecimal letters.
  let admitted: [(client: DockerAPI.Client, leaves: [String])]
  let program: String
  let module: DockerAPI.StreamModule
  let hasIPv6: Bool

  static func configurationPath(_ layout: DockerAPI.Layout) -> String {
    "\(layout.proxyDirectory)/nginx.conf"
  }
  static func unitPath(_ layout: DockerAPI.Layout) -> String { "\(layout.unitDirectory)/\(unit).service" }
  static func memory(_ layout: DockerAPI.Layout) -> String { "\(layout.memoryDirectory)/docker-proxy" }
  /// Where the running nginx says what it has loaded.
  static func stateSocket(_ layout: DockerAPI.Layout) -> String { "\(layout.runtimeDirectory)/state.sock" }
  static func paths(_ layout: DockerAPI.Layout) -> [String] { [configurationPath(layout), unitPath(layout)] }

  /// What the scripts that test and load it are told.
  static func arguments(_ layout: DockerAPI.Layout) -> [String] {
    [
      configurationPath(layout), layout.runtimeDirectory, layout.user, layout.group, unitPath(layout),
      stateSocket(layout),
    ]
  }

  /// All files.
  var files: [ServiceFile] {
    [
      ServiceFile(Self.configurationPath(layout), text: configuration),
      ServiceFile(Self.unitPath(layout), text: unitText),
    ]
  }

  /// SHA-256 of the configuration, with nothing in its own place.
  var hash: String { SHA256.hexDigest(of: Array(text(hash: "").utf8)) }

  /// nginx's configuration.
  var configuration: String { text(hash: hash) }

  private func text(hash: String) -> String {
    """
    # Kept by Phoenix: what is changed here is put back.
    \(load)user \(layout.user) \(layout.group);
    worker_processes auto;
    daemon off;
    pid \(layout.runtimeDirectory)/nginx.pid;
    error_log stderr notice;
    # How long the session of a client that is no longer let in may live on after a reload.
    worker_shutdown_timeout 60s;

    events {
      worker_connections 1024;
    }

    stream {
      map_hash_bucket_size 128;
      # Who may enter: the subject and the very certificate. Whoever else the CA vouches for may not.
      map $ssl_client_s_dn $docker_subject {
        default 0;
    \(subjects)  }
      map "$docker_subject:$ssl_client_fingerprint" $docker_socket {
        default "";
    \(fingerprints)  }

      server {
    \(listens)    ssl_protocols TLSv1.2 TLSv1.3;
        ssl_certificate \(Self.quoted(door.place.certificatePath));
        ssl_certificate_key \(Self.quoted(door.place.keyPath));
        ssl_client_certificate \(Self.quoted(door.rootPath));
        ssl_verify_client on;
        ssl_verify_depth 2;
        ssl_session_cache off;
        ssl_session_tickets off;
        # Attached sessions are silent for hours, and end on one side first.
        proxy_timeout 24h;
        proxy_half_close on;
        proxy_socket_keepalive on;
        proxy_pass $docker_socket;
      }

      # What is loaded, for those who may enter this directory: root.
      server {
        listen unix:\(Self.stateSocket(layout));
        return "\(Loaded(hash: hash, lines: admitted.map { ($0.client.name, $0.leaves) }).escaped)";
      }
    }

    """
  }

  private var load: String {
    if case .file(let path) = module { "load_module \(Self.quoted(path));\n" } else { "" }
  }

  private var listens: String {
    "    listen \(layout.port) ssl;\n" + (hasIPv6 ? "    listen [::]:\(layout.port) ssl ipv6only=on;\n" : "")
  }

  /// The clients' common names, each once: several places may have a certificate of the same name.
  private var commonNames: [String] {
    var names: [String] = []
    for entry in admitted where !names.contains(entry.client.commonName) {
      names.append(entry.client.commonName)
    }
    return names
  }

  private var subjects: String {
    // Plain keys ignore case; a regular expression does not.
    commonNames.enumerated().map { index, name in
      "    \"~^CN=\(Self.escaped(name))$\" \(index + 1);\n"
    }.joined()
  }

  private var fingerprints: String {
    let names = commonNames
    return admitted.flatMap { entry in
      entry.leaves.map { leaf in
        let index = (names.firstIndex(of: entry.client.commonName) ?? 0) + 1
        return "    \(index):\(leaf) unix:\(layout.engineSocket);  # \(entry.client.name)\n"
      }
    }.joined()
  }

  /// A text as a regular expression that matches nothing else.
  private static func escaped(_ text: String) -> String {
    text.map { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" ? String($0) : "\\\($0)" }.joined()
  }

  private static func quoted(_ path: String) -> String {
    "\"" + path.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined() + "\""
  }

  /// How the unit starts it.
  private var command: String { "\(program) -e stderr -c \(Self.configurationPath(layout))" }

  /// What the main process is when the unit has started it.
  var process: DockerAPI.ProxyProcess {
    DockerAPI.ProxyProcess(isConfined: true, title: "nginx: master process \(command)")
  }

  /// The unit. The master stays root, because the key is root's; it keeps only what it takes to read that and to
  /// hand its workers to a user whose one privilege is dockerd's socket.
  private var unitText: String {
    """
    # Kept by Phoenix: what is changed here is put back.
    [Unit]
    Description=The Docker API on \(layout.port), for declared client certificates only
    After=network.target
    StartLimitIntervalSec=0

    [Service]
    Type=exec
    ExecStart=\(command)
    ExecReload=\(command) -t -q
    ExecReload=/bin/kill -s HUP $MAINPID
    Restart=always
    RestartSec=1
    TimeoutStopSec=10
    RuntimeDirectory=\(layout.runtimeDirectory.split(separator: "/").last ?? "phoenix-docker-proxy")
    RuntimeDirectoryMode=0700
    LimitNOFILE=65536
    CapabilityBoundingSet=CAP_SETUID CAP_SETGID CAP_DAC_READ_SEARCH CAP_KILL
    NoNewPrivileges=yes
    ProtectSystem=strict
    ProtectHome=read-only
    PrivateTmp=yes
    PrivateDevices=yes
    ProtectClock=yes
    ProtectControlGroups=yes
    ProtectHostname=yes
    ProtectKernelLogs=yes
    ProtectKernelModules=yes
    ProtectKernelTunables=yes
    RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
    RestrictNamespaces=yes
    RestrictRealtime=yes
    RestrictSUIDSGID=yes
    LockPersonality=yes
    MemoryDenyWriteExecute=yes
    SystemCallArchitectures=native
    SystemCallFilter=@system-service

    [Install]
    WantedBy=multi-user.target

    """
  }
}

/// What the running proxy says of itself: the hash of its configuration, then a line `NAME SHA1...` of each client.
struct Loaded {
  let hash: String
  let lines: [(name: String, leaves: [String])]

  /// The text within quotes of nginx's configuration.
  var escaped: String {
    ([hash] + lines.map { ([$0.name] + $0.leaves).joined(separator: " ") }).map { "\($0)\\n" }.joined()
  }

  /// Reads what came from the socket; nil for anything else.
  static func parse(_ text: String) -> DockerAPI.LoadedConfiguration? {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count >= 2, lines.last == "", lines[0].utf8.count == 64, isHexadecimal(lines[0]) else {
      return nil
    }
    var admitted: [String: [String]] = [:]
    for line in lines.dropFirst().dropLast() {
      let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
      let leaves = words.dropFirst()
      guard !words[0].isEmpty, admitted[words[0]] == nil,
        leaves.allSatisfy({ $0.utf8.count == 40 && isHexadecimal($0[...]) })
      else { return nil }
      admitted[words[0]] = Array(leaves)
    }
    return DockerAPI.LoadedConfiguration(hash: String(lines[0]), admitted: admitted)
  }

  /// Reads what a configuration on disk would say; nil for one that is not ours.
  static func parse(configuration text: String) -> DockerAPI.LoadedConfiguration? {
    let start = "    return \""
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(start) }), line.hasSuffix("\";")
    else {
      return nil
    }
    let said = line.dropFirst(start.count).dropLast(2).split(
      separator: "\\n", omittingEmptySubsequences: false)
    return parse(said.joined(separator: "\n"))
  }

  private static func isHexadecimal(_ text: Substring) -> Bool {
    text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }
}
