public import PhoenixCore

extension DockerAPI {
  /// Exposures, strangers on the Docker API's ports, and clients that do not get in.
  public static func findings(desired: Desired, observed: Observed) -> [Finding] {
    let engines = desired.engines.sorted { $0.key < $1.key }.flatMap { guest, engine -> [Finding] in
      let open = openPorts(engine, observed.plainPorts[guest], desired.layout)
      guard let node = observed.nodes[guest]?.value else { return open }
      return EngineConversion(engine, node, desired.layout).findings + open
        + strangers(engine, node, desired.layout) + overruled(engine, node)
        + careless(engine, node, desired.layout)
    }
    let doors = desired.doors.sorted { $0.key < $1.key }.flatMap { guest, door -> [Finding] in
      guard let seen = observed.doors[guest]?.value else { return [] }
      return exposures(door, desired, seen) + clients(door, desired, seen) + unproved(door, desired, seen)
    }
    return engines + doors
  }

  /// Processes on the Docker API's ports that are neither dockerd nor ours. They are never ended.
  private static func strangers(_ engine: Engine, _ node: NodeState, _ layout: Layout) -> [Finding] {
    node.listeners.filter { listener in
      [layout.port, layout.plainPort].contains(listener.port) && !node.engine.owns(listener)
        && !(listener.port == layout.port && node.proxy?.owns(listener) == true)
    }.map { listener in
      Finding(
        .warning, resource: engine.resource,
        "\(listener.who) listens on \(listener.endpoint) in \(engine.login.name), a port of the Docker API; Phoenix "
          + "did not start it and does not end it",
        hint: "if it leads to \(layout.engineSocket), whoever reaches it is root: find its unit with "
          + "systemctl status \(listener.processes.first.map { "\($0)" } ?? "PID"), and disable it")
    }
  }

  /// What is open within the guest, and what will not be there after its next start.
  private static func careless(_ engine: Engine, _ node: NodeState, _ layout: Layout) -> [Finding] {
    var findings: [Finding] = []
    if let mode = node.engine.socketMode, mode.isWorldWritable {
      findings.append(
        Finding(
          .error, resource: engine.resource,
          "everybody in \(engine.login.name) may write to \(layout.engineSocket) (\(mode)), and so is root there",
          hint: "chmod o-rw \(layout.engineSocket), and see what opened it: SocketMode of docker.socket"))
    }
    if node.proxy != nil, let owner = node.engine.socketOwner, let mode = node.engine.socketMode,
      !mode.isWorldWritable, owner.group != layout.group || !mode.isGroupWritable
    {
      findings.append(
        Finding(
          .error, resource: engine.resource,
          "\(layout.engineSocket) of \(engine.login.name) is \(owner) \(mode), and the proxy on \(layout.port) is in the "
            + "group \(layout.group): it lets declared clients in, and cannot hand them on",
          hint: "see what says so: SocketGroup and SocketMode of docker.socket, or group in daemon.json; "
            + "chgrp \(layout.group) \(layout.engineSocket) mends it until dockerd's next start"))
    }
    if node.engine.unit.isEnabled == false, node.engine.unit.load == "loaded",
      node.engine.socketListens == nil
    {
      findings.append(
        Finding(
          .warning, resource: engine.resource,
          "docker.service of \(engine.login.name) is not started with its guest",
          hint: "systemctl enable docker"))
    }
    return findings
  }

  /// Files that change the proxy's unit although it is ours.
  private static func overruled(_ engine: Engine, _ node: NodeState) -> [Finding] {
    (node.proxy?.unit.dropIns ?? []).map { path in
      Finding(
        .warning, resource: engine.resource,
        "\(path.escapedForTerminals) of \(engine.login.name) changes the unit of the proxy before the Docker API: what "
          + "runs there, and as whom, is no longer what Phoenix says",
        hint: "remove it and run systemctl daemon-reload, unless it is meant")
    }
  }

  /// Whoever gets in and should not.
  static func exposures(_ door: Door, _ desired: Desired, _ seen: DoorState) -> [Finding] {
    let layout = desired.layout
    let name = door.login.name
    let place = "\(door.login.address):\(layout.port)"
    func exposure(_ message: String) -> Finding {
      Finding(
        .error, resource: door.served, message,
        hint:
          "see what listens there: ss -ltnp in the guest; until it is gone, only the firewall guards \(name)")
    }
    var findings: [Finding] = []
    if let status = seen.statusForNobody {
      findings.append(
        exposure("the Docker API of \(name) on \(place) answers without a client certificate\(status.suffix)")
      )
    }
    if let stranger = desired.stranger, let status = seen.stranger?.status {
      findings.append(
        exposure(
          "the Docker API of \(name) on \(place) answers \(stranger.name), which is not declared for it\(status.suffix), as its own guest says"
        ))
    }
    if let status = seen.plaintext.status {
      findings.append(exposure("\(place) of \(name) answers without TLS\(status.suffix)"))
    }
    return findings
  }

  /// Ports without TLS that somebody listens on, seen from outside.
  static func openPorts(
    _ engine: Engine, _ answers: [String: ProbeAnswer]?, _ layout: Layout
  ) -> [Finding] {
    (answers ?? [:]).sorted { $0.key < $1.key }.compactMap { address, answer in
      let port = "\(address):\(layout.plainPort)"
      let message: String
      switch answer {
      case .answered(200):
        message = "the Docker API of \(engine.login.name) answers everybody on \(port), without TLS"
      case .answered, .closed: message = "\(port) of \(engine.login.name) is open"
      case .unreachable, .untried: return nil
      }
      return Finding(
        .error, resource: engine.resource, message,
        hint: "see what listens there: ss -ltnp in the guest; until it is gone, only the firewall guards "
          + engine.login.name)
    }
  }

  /// Whom the door lets in over TLS and should not; nil when it is nobody. Only what was seen from here: what a guest
  /// says of its own certificate is told, and is no reason to load anything again.
  static func misled(_ seen: DoorState) -> String? {
    seen.statusForNobody == nil ? nil : "whoever shows no certificate"
  }

  /// Declared clients that showed a certificate and were not let in.
  private static func clients(_ door: Door, _ desired: Desired, _ seen: DoorState) -> [Finding] {
    desired.clients.compactMap { client in
      guard let proof = seen.clients[client.name], proof.leaf != nil, !proof.isLetIn else { return nil }
      let wasTried = proof.answers.contains { if case .untried = $0 { false } else { true } }
      return Finding(
        wasTried ? .warning : .note, resource: door.served,
        "\(client.name) does not get into the Docker API of \(door.login.name): \(proof.account)",
        // Of a door that shows nobody a certificate that is told already.
        hint: wasTried && !seen.fingerprints.isEmpty
          ? "a new certificate is let in within a pass; a way that is closed is the firewall's: "
            + "phoenix explain proxmox/firewall/\(door.login.guest)" : nil)
    }
  }

  /// Whether another certificate of the CA stays out could not be tried.
  private static func unproved(_ door: Door, _ desired: Desired, _ seen: DoorState) -> [Finding] {
    guard let stranger = desired.stranger, let proof = seen.stranger,
      !proof.isTried
    else { return [] }
    return [
      Finding(
        .note, resource: door.served,
        "that the Docker API of \(door.login.name) refuses \(stranger.name) could not be tried: \(proof.account)"
      )
    ]
  }
}

extension DockerAPI.DoorState {
  /// What somebody without a certificate was answered; nil when nothing came.
  fileprivate var statusForNobody: Int? { nobody.compactMap(\.status).first }
}

extension Int {
  /// How an HTTP status is told beside an exposure, where it is not the plain 200.
  fileprivate var suffix: String {
    self == 200 ? "" : " (with \(self == 0 ? "no HTTP" : "HTTP status \(self)"))"
  }
}
