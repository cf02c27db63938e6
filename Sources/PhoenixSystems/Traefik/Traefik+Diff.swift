public import PhoenixCore

extension Traefik: SystemModel {
  /// `traefik`.
  public static var name: SystemName { .traefik }

  /// Our files where they differ or are not loaded, a unit that does not run, and a certificate that is not the
  /// delivered one. A router that is not ours to write is never a difference.
  public static func diff(desired: Desired, observed: Observed, facts: Facts, now: WallTime) -> [Change] {
    guard let proxy = desired.proxy else { return [] }
    var changes: [Change] = []
    if let state = observed.guest?.value {
      changes += [staticChange(proxy, state), dynamicChange(proxy, state, observed.loaded?.value, facts)]
        .compactMap { $0 }
    }
    // A Traefik that does not run serves nothing, and that is told already.
    let isStopped = observed.guest?.value.map { !$0.isRunning } ?? false
    changes += desired.servers.values.compactMap { server in
      guard !isStopped, let state = observed.servers[server.place.name]?.value,
        case .known(.text(let fingerprint)) = facts[FactKey("certificate.fingerprint", of: server.place.name)]
      else { return nil }
      return change(of: server, state, wanted: fingerprint)
    }
    return changes.sorted { $0.resource < $1.resource }
  }

  private static func staticChange(_ proxy: Proxy, _ state: GuestState) -> Change? {
    var files = state.staticFile.differences(from: [proxy.staticFile])
    var reason = "\(proxy.staticFile.path) differs"
    if files.isEmpty, state.staticFile.isTouched {
      files = [FieldChange("loaded", from: .text("unknown"), to: .text("sha256:\(proxy.staticFile.sha256)"))]
      reason =
        "\(proxy.staticFile.path) was touched after Traefik was started with it: what it runs with is not known"
    }
    if let other = state.otherFile(than: proxy.staticFile.path) {
      files.append(FieldChange("configFile", from: .text(other), to: .text(proxy.staticFile.path)))
      reason = "Traefik \(state.isRunning ? "runs" : "is started") with \(other.escapedForTerminals)"
    }
    var fields = files
    if !state.isEnabled {
      fields.append(FieldChange("enabled", from: .flag(false), to: .flag(true)))
      if files.isEmpty { reason = "Traefik is not started with its guest" }
    }
    if !state.isRunning {
      fields.append(FieldChange("traefik", from: .text(state.unit), to: .text("active")))
      reason = "Traefik does not run"
    }
    guard !fields.isEmpty else { return nil }
    let isNew = state.staticFile.lacksAll(of: [proxy.staticFile])
    return Change(
      proxy.staticResource, isNew ? .create : .update, fields: fields, reason: reason,
      risk: state.isRunning && !files.isEmpty ? .disruptive : .safe,
      hold: obstacle(proxy, state))
  }

  /// What no change of ours gets past.
  private static func obstacle(_ proxy: Proxy, _ state: GuestState) -> String? {
    if state.unit == "missing" { return "Traefik is not installed in \(proxy.login.name)" }
    guard let other = state.startedWith, other != proxy.staticFile.path else { return nil }
    return "traefik.service of \(proxy.login.name) starts it with \(other.escapedForTerminals), and not with "
      + "\(proxy.staticFile.path): systemctl cat traefik shows where that is said; take it away"
  }

  private static func dynamicChange(
    _ proxy: Proxy, _ state: GuestState, _ loaded: [String]?, _ facts: Facts
  ) -> Change? {
    guard let file = dynamicFile(proxy, state, facts) else { return nil }
    let wanted = file.wanted(proxy)
    var fields = state.dynamicFile.differences(from: [wanted])
    var reason = "\(wanted.path) differs"
    let isNew = state.dynamicFile.lacksAll(of: [wanted])
    if isNew { reason = "\(wanted.path) is missing" }
    if fields.isEmpty, state.isRunning, let loaded, let hash = DynamicFile.hash(of: wanted.text),
      loaded != [hash]
    {
      fields.append(FieldChange("loaded", from: .list(loaded), to: .text(hash)))
      reason = "Traefik has not taken up \(wanted.path)"
    }
    guard !fields.isEmpty else { return nil }
    return Change(proxy.dynamicResource, isNew ? .create : .update, fields: fields, reason: reason)
  }

  /// The dynamic file as facts say it; nil when one cannot be read, and what is there cannot be kept either.
  static func dynamicFile(_ proxy: Proxy, _ state: GuestState, _ facts: Facts) -> DynamicFile? {
    let found = state.dynamicText.map { DynamicFile.inputs(in: $0) }
    let isReadable = state.dynamicFile.files.isEmpty || found != nil
    let resolved = DynamicInputs(proxy.plan, facts, before: found ?? DynamicFile.Inputs())
    guard isReadable || resolved.isComplete else { return nil }
    return DynamicFile(plan: proxy.plan, inputs: resolved.inputs)
  }

  private static func change(of server: Server, _ state: ServedLeaves, wanted: String) -> Change? {
    guard state.fingerprints != [wanted] else { return nil }
    let served = state.fingerprints.isEmpty ? nil : FieldValue.list(state.fingerprints)
    let trouble = state.fingerprints.isEmpty ? state.trouble : nil
    return Change(
      server.resource, .update, fields: [FieldChange("fingerprint", from: served, to: .text(wanted))],
      reason: trouble.map { "no certificate is served: \($0)" }
        ?? "another certificate is served than was delivered", isScheduled: true)
  }

  /// The static file is ready when it is in force and Traefik runs; the dynamic one when it is there and, as far as
  /// that can be asked, loaded; a server when it shows one certificate; a router when a request went through it.
  public static func ready(_ resource: ResourceID, desired: Desired, observed: Observed) -> Readiness {
    guard let proxy = desired.proxy else { return .notReady("no Traefik is declared") }
    switch resource {
    case proxy.staticResource:
      return Readiness(of: observed.guest) { state in
        if !state.isRunning { return "Traefik does not run" }
        if let other = state.otherFile(than: proxy.staticFile.path) { return "it runs with \(other)" }
        return state.staticFile.differences(from: [proxy.staticFile]).isEmpty
          ? nil : "its file is not in force yet"
      }
    case proxy.dynamicResource:
      return Readiness(of: observed.guest) { state in
        guard let text = state.dynamicText, let hash = DynamicFile.hash(of: text),
          !state.dynamicFile.isUnfinished
        else { return "its file is not in force yet" }
        guard state.isRunning else { return nil }
        // What it says is not in force where something else lets in whom it does not.
        if let opening = openings(proxy, observed).first { return opening.message }
        guard let loaded = observed.loaded?.value else { return nil }
        return loaded == [hash] ? nil : "Traefik has not taken up its file"
      }
    default: break
    }
    switch resource.kind {
    case "served":
      return Readiness(of: observed.servers[resource.name]) { state in
        state.fingerprints.count == 1 ? nil : state.trouble ?? "it serves no certificate of its own"
      }
    case "router": return Readiness(of: observed.routers[resource.name]) { $0.troubles.first }
    default: return .notReady("Traefik has no \(resource.kind)")
    }
  }

  /// `traefik.served(NAME)`: the fingerprint of the certificate that is served; `client.admitted(...)`: whom the
  /// file lets in that is loaded.
  public static func facts(of observed: Observed) -> [FactKey: Reading<FactValue>] {
    var facts: [FactKey: Reading<FactValue>] = [:]
    for (name, reading) in observed.servers {
      let key = FactKey("traefik.served", of: name)
      switch reading {
      case .known(let state): facts[key] = state.fingerprints.first.map { .known(.text($0)) } ?? .absent
      case .absent: facts[key] = .absent
      case .unreadable(let reason): facts[key] = .unreadable(reason)
      }
    }
    guard let state = observed.guest?.value else { return facts }
    let admitted = admitted(state, observed.loaded)
    for client in state.clients {
      facts[.admitted(client, at: .traefik, guest: state.guest)] = admitted.map { .list($0[client] ?? []) }
    }
    return facts
  }

  /// The fingerprints that are let in, by the clients' names.
  private static func admitted(
    _ state: GuestState, _ loaded: Reading<[String]>?
  ) -> Reading<[String: [String]]> {
    guard state.isRunning else { return .known([:]) }
    switch loaded {
    case .known(let hashes):
      guard let text = state.dynamicText, let hash = DynamicFile.hash(of: text), hashes == [hash] else {
        return .unreadable("Traefik has loaded another file than stands there")
      }
      return .known(DynamicFile.inputs(in: text).clients.mapValues { $0.map(\.sha1) })
    case .absent: return .unreadable("Traefik does not say what it has loaded")
    case .unreadable(let reason): return .unreadable(reason)
    case nil: return .unreadable("Traefik has not been asked yet")
    }
  }

  /// Unreadable when neither the guest nor Traefik answered.
  public static func health(of observed: Observed) -> SystemHealth {
    var troubles: [String] = []
    if let reason = observed.guest?.unreadableReason { troubles.append("Traefik's guest: \(reason)") }
    if let reason = observed.loaded?.unreadableReason { troubles.append("Traefik's API: \(reason)") }
    let parts = [observed.guest != nil, observed.loaded != nil].filter { $0 }.count + observed.servers.count
    troubles += observed.servers.sorted { $0.key < $1.key }.compactMap { name, reading in
      reading.unreadableReason.map { "\(name): \($0)" }
    }
    guard let first = troubles.first else { return .readable }
    let text = troubles.count == 1 ? first : "\(first) (and \(troubles.count - 1) more)"
    return troubles.count == parts ? .unreadable(text) : .partly(text)
  }

  /// Routers that are not as declared, and files of others that Traefik reads too.
  public static func findings(desired: Desired, observed: Observed) -> [Finding] {
    guard let proxy = desired.proxy else { return [] }
    let routers = desired.routers.values.sorted { $0.name < $1.name }.flatMap { router -> [Finding] in
      guard let state = observed.routers[router.name]?.value else { return [] }
      return state.troubles.map { Finding(.warning, resource: router.resource, $0, hint: state.hint) }
    }
    let others = (observed.guest?.value?.others ?? []).map { file in
      Finding(
        .warning, resource: proxy.dynamicResource,
        "\(proxy.layout.dynamicDirectory)/\(file.escapedForTerminals) is read by Traefik too, and can undo what ours says",
        hint: "remove it, or move what it declares into the users' files")
    }
    return openings(proxy, observed) + untried(proxy, observed) + routers + others
  }

  /// Whoever gets in at the mesh and should not, and what lets him.
  private static func openings(_ proxy: Proxy, _ observed: Observed) -> [Finding] {
    let mesh = "\(proxy.address.asURLHost):\(proxy.layout.meshPort)"
    func exposure(_ message: String) -> Finding {
      Finding(
        .error, resource: proxy.dynamicResource, message,
        hint: "a file beside ours may set the default TLS options: look for tls.options in "
          + "\(proxy.layout.dynamicDirectory); until it is gone, only the firewall guards what is behind")
    }
    var findings: [Finding] = []
    if observed.answersStrangers?.value == true {
      findings.append(exposure("Traefik answers on \(mesh) without a client certificate"))
    }
    if let stranger = proxy.stranger, observed.stranger?.status != nil {
      findings.append(
        exposure(
          "Traefik answers \(stranger.name) on \(mesh), which is not declared for it, as its guest says"))
    }
    return findings
      + (observed.strays ?? []).map { trouble in
        Finding(
          .error, resource: proxy.dynamicResource, trouble,
          hint: "take the label, or the file that says so, away")
      }
  }

  private static func untried(_ proxy: Proxy, _ observed: Observed) -> [Finding] {
    guard let stranger = proxy.stranger, let proof = observed.stranger, proof.status == nil, !proof.isTried
    else { return [] }
    return [
      Finding(
        .note, resource: proxy.dynamicResource,
        "that Traefik refuses \(stranger.name) on \(proxy.address.asURLHost):\(proxy.layout.meshPort) could not be tried: "
          + proof.account)
    ]
  }

  /// What was looked at again is taken from the newer one, the rest stays.
  public static func merge(_ newer: Observed, into older: Observed, scope: ObservationScope) -> Observed {
    guard case .only(let resources) = scope else { return newer }
    var merged = older
    merged.guest = newer.guest ?? older.guest
    merged.loaded = newer.loaded ?? older.loaded
    merged.stranger = newer.stranger ?? older.stranger
    merged.answersStrangers = newer.answersStrangers ?? older.answersStrangers
    merged.strays = newer.strays ?? older.strays
    for resource in resources {
      switch resource.kind {
      case "served": merged.servers[resource.name] = newer.servers[resource.name]
      case "router": merged.routers[resource.name] = newer.routers[resource.name]
      default: break
      }
    }
    return merged
  }

  /// None: nothing of it holds data.
  public static func identities(of observed: Observed) -> [ResourceID: String] { [:] }

  /// The guest's lane, so that nothing else is done in it meanwhile.
  public static func route(_ resource: ResourceID, desired: Desired) -> Route {
    let login = desired.proxy?.login
    return Route(lane: login?.lane ?? resource.description, endpoint: login?.endpoint ?? "traefik")
  }
}

extension DynamicFile {
  func wanted(_ proxy: Traefik.Proxy) -> ServiceFile { ServiceFile(proxy.layout.dynamicPath, text: text) }
}
