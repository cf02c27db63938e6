import PhoenixCore

/// What it takes to keep a dockerd on its unix socket. Pure.
struct EngineConversion {
  private let engine: DockerAPI.Engine
  private let state: DockerAPI.NodeState
  private let layout: DockerAPI.Layout
  private let configured: DaemonArguments
  private let running: DaemonArguments
  /// daemon.json; nil when it cannot be understood.
  private let configuration: DaemonConfiguration?

  init(_ engine: DockerAPI.Engine, _ state: DockerAPI.NodeState, _ layout: DockerAPI.Layout) {
    self.engine = engine
    self.state = state
    self.layout = layout
    configured = DaemonArguments(state.engine.configured.words.dropFirst())
    running = DaemonArguments((state.engine.running ?? []).dropFirst())
    let file = state.engine.files.files[layout.engineConfiguration]
    configuration = file.map { $0.text.flatMap(DaemonConfiguration.init) } ?? DaemonConfiguration("")
  }

  /// Where our files lie.
  static func paths(_ layout: DockerAPI.Layout) -> [String] {
    [serviceDropIn(layout), socketDropIn(layout), backup(layout), layout.engineConfiguration]
  }

  /// Where the guest remembers what was before.
  static func memory(_ layout: DockerAPI.Layout) -> String { "\(layout.memoryDirectory)/docker-engine" }

  private static func serviceDropIn(_ layout: DockerAPI.Layout) -> String {
    "\(layout.unitDirectory)/docker.service.d/zz-phoenix.conf"
  }

  private static func socketDropIn(_ layout: DockerAPI.Layout) -> String {
    "\(layout.unitDirectory)/docker.socket.d/zz-phoenix.conf"
  }

  private static func backup(_ layout: DockerAPI.Layout) -> String {
    "\(layout.engineConfiguration).before-phoenix"
  }

  // MARK: What is wrong

  /// Why dockerd is not on its socket alone; nil when it is.
  var obstacle: String? {
    if state.engine.unit.load != "loaded" { return "docker.service is \(state.engine.unit.load)" }
    if let reason { return reason }
    if configuration == nil { return "\(layout.engineConfiguration) cannot be understood" }
    if let listener = (listeners + handedOver).first { return "dockerd listens on \(listener.endpoint)" }
    if !state.engine.unit.isRunning { return "docker.service is \(state.engine.unit.active)" }
    return state.engine.answers ? nil : "dockerd does not answer on \(layout.engineSocket)"
  }

  /// The change that brings it there.
  var change: Change? {
    guard let reason, state.engine.unit.load == "loaded" else { return nil }
    return Change(
      engine.resource, .update, fields: fields, reason: reason, risk: .disruptive, hold: hold)
  }

  private var hold: String? {
    if configuration == nil {
      return
        "\(layout.engineConfiguration) cannot be understood, so what it opens is not known; mend it by hand"
    }
    if let elsewhere {
      return
        "dockerd reads \(elsewhere) in the place of \(layout.engineConfiguration), and Phoenix does not: what it opens is "
        + "not known. Move what it holds there and drop --config-file"
    }
    // Our drop-ins say what they should, and dockerd would be started otherwise all the same.
    guard state.engine.files.differences(from: files).isEmpty else { return nil }
    let unit = opensTCP(configured) ? "docker.service" : openSockets.isEmpty ? nil : "docker.socket"
    return unit.map {
      "a drop-in of \($0) that sorts after zz-phoenix.conf opens it again, so a restart would not help: find it with "
        + "systemctl cat \($0) in \(engine.login.name), and remove it"
    }
  }

  /// The file that dockerd reads and we do not; nil when it reads its usual one.
  private var elsewhere: String? {
    [configured, running].compactMap(\.configurationFile).first { $0 != layout.engineConfiguration }
  }

  /// A dockerd that listens although nothing tells it to: a restart would not help.
  var findings: [Finding] {
    guard state.engine.unit.load == "loaded" else { return strangers }
    var findings: [Finding] = []
    if reason == nil, configuration == nil {
      findings.append(
        Finding(
          .warning, resource: engine.resource,
          "\(layout.engineConfiguration) of \(engine.login.name) cannot be understood",
          hint: "dockerd will not start with it again: mend it"))
    }
    if reason == nil {
      findings += (listeners + handedOver).map { listener in
        let sockets = state.engine.otherSockets.joined(separator: ", ").escapedForTerminals
        return Finding(
          .error, resource: engine.resource,
          "dockerd of \(engine.login.name) listens on \(listener.endpoint), and neither its arguments nor "
            + "daemon.json say so" + (sockets.isEmpty ? "" : ": it may have it from \(sockets)"),
          hint: sockets.isEmpty
            ? "a service may publish that port: docker service ls"
            : "systemctl disable --now the unit that hands it over, and systemctl restart docker")
      }
    }
    return findings
  }

  /// A dockerd of another unit, or of none, is not ours to start otherwise.
  private var strangers: [Finding] {
    listeners.map { listener in
      Finding(
        .error, resource: engine.resource,
        "dockerd of \(engine.login.name) listens on \(listener.endpoint), and docker.service is "
          + "\(state.engine.unit.load): Phoenix does not know what starts it, and does not convert it",
        hint: "see systemctl status PID in the guest; Docker's own packages bring docker.service")
    }
  }

  /// dockerd's own among the listeners on the API's ports.
  private var listeners: [DockerAPI.Listener] {
    let ports = configured.ports.union(running.ports).union(configuration?.ports ?? []).union([
      layout.port, layout.plainPort,
    ])
    return state.listeners.filter { ports.contains($0.port) && state.engine.owns($0) }
  }

  /// Those that another socket unit hands to dockerd, on whatever port: the service manager holds them, too.
  private var handedOver: [DockerAPI.Listener] {
    let known = listeners
    return state.listeners.filter {
      state.engine.owns($0) && $0.processes.contains(1) && !known.contains($0)
    }
  }

  private func opensTCP(_ arguments: DaemonArguments) -> Bool {
    let hasTLS = arguments.hasTLS || configuration?.hasTLS == true
    let hasSocket = arguments.hasSocket || configuration?.hasSocket == true
    return !arguments.ports.isEmpty || configuration?.ports.isEmpty == false || (hasTLS && !hasSocket)
  }

  private var openSockets: [String] {
    (state.engine.socketListens ?? []).filter { !$0.hasPrefix("/") && !$0.hasPrefix("@") }
  }

  private var reason: String? {
    let isConfigured = opensTCP(configured) || (state.engine.running != nil && opensTCP(running))
    // Once our drop-in is in force, a port that stays open is not for a restart to close.
    let isStale = !listeners.isEmpty && state.engine.files.files[Self.serviceDropIn(layout)] == nil
    let name = engine.login.name
    if isConfigured || isStale || !openSockets.isEmpty {
      let hasTLS = [configured, running].contains { $0.hasTLS } || configuration?.hasTLS == true
      let places = listeners.map(\.endpoint).joined(separator: ", ")
      let place = places.isEmpty ? "TCP" : places
      return hasTLS
        ? "dockerd of \(name) ends TLS itself on \(place): it lets in every certificate of the CA, as root"
        : "dockerd of \(name) listens on \(place): whoever reaches it is root"
    }
    return state.engine.files.isUnfinished ? "a change of how dockerd listens was begun and not ended" : nil
  }

  private var fields: [FieldChange] {
    var fields: [FieldChange] = []
    func add(_ field: String, _ removed: [String]) {
      if !removed.isEmpty { fields.append(FieldChange(field, from: .list(removed), to: nil)) }
    }
    add("listens", listeners.map(\.endpoint))
    add("docker.service ExecStart", configured.removed)
    if running.removed != configured.removed { add("running dockerd", running.removed) }
    add("docker.socket ListenStream", openSockets)
    add("daemon.json", configuration?.removed ?? [])
    if state.engine.files.isUnfinished {
      fields.append(FieldChange("restarted", from: .flag(false), to: .flag(true)))
    }
    return fields
  }

  // MARK: What mends it

  /// The files with which it stays on its socket.
  var files: [ServiceFile] {
    var files = [ServiceFile(Self.serviceDropIn(layout), text: serviceText)]
    let present = state.engine.files.files
    if !openSockets.isEmpty || present[Self.socketDropIn(layout)] != nil {
      files.append(ServiceFile(Self.socketDropIn(layout), text: socketText))
    }
    if let file = present[layout.engineConfiguration], let text = file.text, let configuration,
      !configuration.removed.isEmpty
    {
      // What it was before is kept beside it, once.
      if present[Self.backup(layout)] == nil {
        files.append(ServiceFile(Self.backup(layout), owner: file.owner, mode: file.mode, text: text))
      }
      files.append(
        ServiceFile(
          layout.engineConfiguration, owner: file.owner, mode: file.mode, text: configuration.converted))
    }
    return files
  }

  private var serviceText: String {
    let (words, isRunning) = words
    let line = UnitWords.line([state.engine.configured.program] + words, keepsVariables: !isRunning)
    return """
      # Kept by Phoenix: dockerd on its unix socket only. 2376 is served by phoenix-docker-proxy.service.
      [Service]
      ExecStart=
      ExecStart=\(line)

      """
  }

  /// The arguments that stay. systemd shows words without saying where one ends, and variables without their values;
  /// what runs is exact.
  private var words: (kept: [String], isRunning: Bool) {
    guard let command = state.engine.running else { return (configured.kept, false) }
    let shown = state.engine.configured.words
    let isSame = command.dropFirst().joined(separator: " ") == shown.dropFirst().joined(separator: " ")
    let hidesTCP = shown.contains { $0.hasPrefix("$") } && !running.removed.isEmpty
    return isSame || hidesTCP ? (running.kept, true) : (configured.kept, false)
  }

  private var socketText: String {
    let sockets = (state.engine.socketListens ?? []).filter { !openSockets.contains($0) }
    let lines = (sockets.isEmpty ? [layout.engineSocket] : sockets).map {
      "ListenStream=" + $0.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "%%")
    }
    return """
      # Kept by Phoenix: Docker on unix sockets only.
      [Socket]
      ListenStream=
      \(lines.joined(separator: "\n"))

      """
  }
}

extension DockerAPI.EngineState {
  /// Whether it is this dockerd that listens. Anybody may call his process so; its number is its unit's alone. Without
  /// a unit there is only the name to go by, and nothing is changed then.
  func owns(_ listener: DockerAPI.Listener) -> Bool {
    unit.load == "loaded" ? unit.owns(listener) : listener.names.contains("dockerd")
  }
}

extension DockerAPI.Listener {
  /// Address and port.
  var endpoint: String { "\(address):\(port)" }
}
