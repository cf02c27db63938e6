import PhoenixCore

/// What a door's proxy needs to let in the declared clients and nobody else. Pure.
struct ProxyNeed {
  let door: DockerAPI.Door
  let layout: DockerAPI.Layout
  let state: DockerAPI.ProxyState
  let listeners: [DockerAPI.Listener]
  private let engine: DockerAPI.EngineState
  /// The files as they should be.
  let files: ProxyFiles
  /// Whom our own nginx lets in although the files do not say so, for people: it has loaded something else.
  let exposure: String?

  /// Nil when a client's certificates cannot be read and it is not known either whom the proxy lets in now. Where that
  /// is known, such a client keeps what it has: one client's guest that is down must not keep the proxy from running.
  /// It keeps only what phoenixd itself has issued: whoever writes into the proxy's file is no client by that.
  init?(
    _ door: DockerAPI.Door, _ desired: DockerAPI.Desired, _ node: DockerAPI.NodeState,
    _ seen: DockerAPI.DoorState?, _ facts: Facts
  ) {
    guard let state = node.proxy else { return nil }
    let present = state.files.files[ProxyFiles.configurationPath(desired.layout)]?.text
    let former = state.loaded ?? present.flatMap { Loaded.parse(configuration: $0) }
    var admitted: [(client: DockerAPI.Client, leaves: [String])] = []
    for client in desired.clients {
      let published: [String]
      switch facts[.clientFingerprints(client.name)] {
      case .known(.list(let leaves)): published = leaves
      case .absent: published = []
      case .known, .unreadable:
        guard let former, case .known(.list(let recorded)) = facts[.recordedFingerprints(client.name)] else {
          return nil
        }
        admitted.append((client, (former.admitted[client.name] ?? []).filter(recorded.contains).sorted()))
        continue
      }
      // What a client may still be using is let in until its new one is proved.
      let isProved = seen?.clients[client.name].map { $0.isLetIn && $0.leaf == published.first } ?? false
      var leaving = isProved ? [] : (former?.admitted[client.name] ?? []).filter { !published.contains($0) }
      // Without a record nothing can be said of them, and clients are not locked out.
      if case .known(.list(let recorded)) = facts[.recordedFingerprints(client.name)] {
        leaving.removeAll { !recorded.contains($0) }
      }
      // In an order of their own: which of them is in use makes no other configuration.
      admitted.append((client, (published + leaving).sorted()))
    }
    self.door = door
    self.state = state
    let isOurs = node.listeners.filter { $0.port == desired.layout.port }.allSatisfy { state.owns($0) }
    exposure = isOurs ? seen.flatMap { DockerAPI.misled($0) } : nil
    layout = desired.layout
    listeners = node.listeners
    engine = node.engine
    files = ProxyFiles(
      layout: desired.layout, door: door, admitted: admitted, program: state.program ?? "/usr/sbin/nginx",
      module: state.module, hasIPv6: state.hasIPv6)
  }

  /// The change that brings it there; nil when all is in force.
  var change: Change? {
    let wanted = files.files
    var fields = state.files.differences(from: wanted)
    var reasons: [String] = []
    let isNew = state.files.lacksAll(of: wanted)
    if isNew {
      reasons.append("there is no proxy before dockerd of \(door.login.name) yet")
    } else if !fields.isEmpty {
      reasons.append(
        state.files.isUnfinished ? "a change was begun and not ended" : admissions ?? "it differs")
    }
    if !state.unit.isRunning {
      fields.append(FieldChange("unit", from: .text(state.unit.active), to: .text("active")))
      reasons.append("it does not run")
    } else if state.hangs {
      fields.append(FieldChange("answers", from: .flag(false), to: .flag(true)))
      reasons.append("it does not answer within 5 s: it is started anew")
    } else if fields.isEmpty, state.loaded?.hash != files.hash {
      fields.append(
        FieldChange("loaded", from: state.loaded.map { .text($0.hash) }, to: .text(files.hash)))
      reasons.append("what is on disk is not loaded")
    } else if fields.isEmpty, state.files.isTouched {
      // The hash is a literal in our file: it tells nothing of what somebody wrote beside it and has put back.
      fields.append(FieldChange("loaded", from: .text("unknown"), to: .text(files.hash)))
      reasons.append("its file was touched after it was loaded: what it goes by is not known")
    } else if fields.isEmpty, state.unit.dropIns.isEmpty, let process = state.process,
      process != files.process
    {
      // A file that changed the unit may be gone by now; what was started with it runs on.
      fields.append(
        FieldChange("process", from: .text(process.description), to: .text(files.process.description)))
      reasons.append("it was not started as its unit says")
    } else if fields.isEmpty, let exposure {
      // The hash tells that a file of ours was loaded, not that nobody had written into it.
      fields.append(FieldChange("lets in", from: .text(exposure), to: nil))
      reasons.append("it lets in \(exposure), which no file says: what is on disk is loaded again")
    }
    if state.unit.isEnabled != true {
      fields.append(FieldChange("enabled", from: .flag(false), to: .flag(true)))
      reasons.append("it does not start with the guest")
    }
    guard !fields.isEmpty else { return nil }
    return Change(
      door.proxy, isNew ? .create : .update, fields: fields, reason: reasons[0],
      // One that is only slow has connections to lose.
      risk: state.hangs && state.unit.isRunning ? .disruptive : .safe, hold: hold)
  }

  /// Which clients' certificates come or go.
  private var admissions: String? {
    guard let loaded = state.loaded else { return nil }
    for (client, leaves) in files.admitted {
      let former = loaded.admitted[client.name] ?? []
      if leaves.contains(where: { !former.contains($0) }) {
        return "\(client.name) may show another certificate"
      }
      if former.contains(where: { !leaves.contains($0) }) {
        return "an old certificate of \(client.name) may go"
      }
    }
    let names = files.admitted.map(\.client.name)
    return loaded.admitted.keys.sorted().first { !names.contains($0) }.map { "\($0) is no longer declared" }
  }

  private var hold: String? {
    guard state.program != nil else {
      return
        "nginx is not installed in \(door.login.name): apt-get install nginx-light libnginx-mod-stream; its own "
        + "service is not needed"
    }
    guard state.module != .missing else {
      return "nginx in \(door.login.name) lacks its stream module: apt-get install libnginx-mod-stream"
    }
    let stranger = listeners.first { $0.port == layout.port && !isOurs($0) }
    return stranger.map {
      engine.owns($0)
        ? "dockerd itself listens on \($0.endpoint) in \(door.login.name): it must be converted first"
        : "\($0.who) listens on \($0.endpoint) in \(door.login.name); it is not ours: stop it"
    }
  }

  private func isOurs(_ listener: DockerAPI.Listener) -> Bool { state.owns(listener) }
}

extension DockerAPI.ProxyState {
  /// Whether it is our nginx that listens.
  func owns(_ listener: DockerAPI.Listener) -> Bool { unit.owns(listener) }
}

extension DockerAPI.UnitState {
  /// Whether its main process listens.
  func owns(_ listener: DockerAPI.Listener) -> Bool {
    mainProcess > 0 && listener.processes.contains(mainProcess)
  }
}

extension DockerAPI.ProxyProcess {
  /// For people.
  fileprivate var description: String {
    (isConfined ? "" : "without its sandbox: ") + title.escapedForTerminals
  }
}

extension DockerAPI.Listener {
  /// The processes, for people.
  var who: String {
    guard !names.isEmpty else { return "some process" }
    let numbers = processes.map { "\($0)" }.joined(separator: ", ")
    return "\(names.joined(separator: ", ").escapedForTerminals) (pid \(numbers))"
  }
}
