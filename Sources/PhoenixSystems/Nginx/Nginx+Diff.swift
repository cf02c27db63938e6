public import PhoenixCore

extension Nginx: SystemModel {
  /// `nginx`.
  public static var name: SystemName { .nginx }

  /// Our file where it differs, and servers that show another certificate than the delivered one.
  public static func diff(desired: Desired, observed: Observed, facts: Facts, now: WallTime) -> [Change] {
    let gateways = desired.gateways.values.compactMap { gateway -> Change? in
      guard let state = observed.gateways[gateway.login.guest]?.value else { return nil }
      return change(of: gateway, state)
    }
    let servers = desired.servers.values.compactMap { server -> Change? in
      guard let state = observed.servers[server.place.name]?.value,
        case .known(.text(let fingerprint)) = facts[FactKey("certificate.fingerprint", of: server.place.name)]
      else { return nil }
      return change(
        of: server, state, wanted: fingerprint, gateway: observed.gateways[server.login.guest]?.value)
    }
    return (gateways + servers).sorted { $0.resource < $1.resource }
  }

  private static func change(of gateway: Gateway, _ state: GatewayState) -> Change? {
    var fields: [FieldChange] = []
    if state.sha256 != gateway.sha256 {
      fields.append(
        FieldChange("sha256", from: state.sha256.map { .text($0) }, to: .text(gateway.sha256)))
    } else if state.isUnfinished {
      fields.append(FieldChange("loaded", from: .flag(false), to: .flag(true)))
    }
    guard !fields.isEmpty else { return nil }
    // Nothing of ours is there to be put right, and what is there does our work: a finding says so.
    if state.sha256 == nil, !state.claims.isEmpty { return nil }
    let reason =
      state.sha256 == nil
      ? "\(gateway.path) is missing"
      : state.sha256 == gateway.sha256
        ? "\(gateway.path) was written and not loaded" : "\(gateway.path) differs"
    return Change(
      gateway.resource, state.sha256 == nil ? .create : .update, fields: fields, reason: reason,
      hold: state.claims.first.map { "\($0), as our file does; remove one of them" })
  }

  private static func change(
    of server: Server, _ state: ServerState, wanted: String, gateway: GatewayState?
  ) -> Change? {
    var fields: [FieldChange] = []
    var reason = ""
    if let gateway, !gateway.isRunning {
      fields.append(FieldChange("nginx", from: .text(gateway.unit), to: .text("active")))
      reason = "nginx does not run"
    }
    if let refused = state.refused {
      fields.append(FieldChange("generation", from: nil, to: .text(refused)))
      reason = "the new certificate could not be taken up before"
    } else if state.fingerprints != [wanted] {
      let served = state.fingerprints.isEmpty ? nil : FieldValue.list(state.fingerprints)
      fields.append(FieldChange("fingerprint", from: served, to: .text(wanted)))
      if reason.isEmpty { reason = "another certificate is served than was delivered" }
      if let trouble = state.trouble, state.fingerprints.isEmpty, gateway?.isRunning ?? true {
        reason = "no certificate is served: \(trouble)"
      }
    }
    guard !fields.isEmpty else { return nil }
    return Change(
      server.resource, .update, fields: fields, reason: reason,
      hold: gateway?.unit == "missing" ? "nginx is not installed in \(server.login.name)" : nil)
  }

  /// A gateway is ready when our file is loaded, or others' server blocks stand in its place; a server when it
  /// shows one certificate.
  public static func ready(_ resource: ResourceID, desired: Desired, observed: Observed) -> Readiness {
    switch resource.kind {
    case "gateway":
      guard let guest = Int(resource.name), let gateway = desired.gateways[guest] else {
        return .notReady("no such gateway is declared")
      }
      return readiness(observed.gateways[guest]) { state in
        let isOurs = state.sha256 == gateway.sha256 && !state.isUnfinished
        return isOurs || !state.claims.isEmpty ? nil : "its file is not in force yet"
      }
    case "served":
      return readiness(observed.servers[resource.name]) { state in
        state.fingerprints.count == 1 ? nil : state.trouble ?? "it serves no certificate"
      }
    default: return .notReady("nginx has no \(resource.kind)")
    }
  }

  private static func readiness<Value: Sendable>(
    _ reading: Reading<Value>?, _ obstacle: (Value) -> String?
  ) -> Readiness {
    switch reading {
    case .known(let value): obstacle(value).map { .notReady($0) } ?? .ready
    case .absent: .notReady("it is not there")
    case .unreadable(let reason): .unreadable(reason)
    case nil: .unreadable("it has not been looked at yet")
    }
  }

  /// `nginx.served(NAME)`: the fingerprint of the certificate that is served.
  public static func facts(of observed: Observed) -> [FactKey: Reading<FactValue>] {
    var facts: [FactKey: Reading<FactValue>] = [:]
    for (name, reading) in observed.servers {
      let key = FactKey("nginx.served", of: name)
      switch reading {
      case .known(let state): facts[key] = state.fingerprints.first.map { .known(.text($0)) } ?? .absent
      case .absent: facts[key] = .absent
      case .unreadable(let reason): facts[key] = .unreadable(reason)
      }
    }
    return facts
  }

  /// Unreadable when no gateway and no server could be looked at.
  public static func health(of observed: Observed) -> SystemHealth {
    var troubles = observed.gateways.sorted { $0.key < $1.key }.compactMap { guest, reading in
      reading.unreadableReason.map { "nginx in guest \(guest): \($0)" }
    }
    troubles += observed.servers.sorted { $0.key < $1.key }.compactMap { name, reading in
      reading.unreadableReason.map { "\(name): \($0)" }
    }
    guard let first = troubles.first else { return .readable }
    let text = troubles.count == 1 ? first : "\(first) (and \(troubles.count - 1) more)"
    return troubles.count == observed.gateways.count + observed.servers.count
      ? .unreadable(text) : .partly(text)
  }

  /// Server blocks of others in the place of ours.
  public static func findings(desired: Desired, observed: Observed) -> [Finding] {
    desired.gateways.values.sorted { $0.resource < $1.resource }.flatMap { gateway in
      (observed.gateways[gateway.login.guest]?.value?.claims ?? []).map { claim in
        Finding(
          .warning, resource: gateway.resource, "\(claim), as \(GatewayFile.name) would",
          hint: "remove it and let Phoenix serve, or see to it that it uses the delivered certificate")
      }
    }
  }

  /// What was looked at again is taken from the newer one, the rest stays.
  public static func merge(_ newer: Observed, into older: Observed, scope: ObservationScope) -> Observed {
    guard case .only(let resources) = scope else { return newer }
    var merged = older
    merged.gateways.merge(newer.gateways) { _, newer in newer }
    for name in resources.filter({ $0.kind == "served" }).map(\.name) {
      merged.servers[name] = newer.servers[name]
    }
    return merged
  }

  /// None: nothing of it holds data.
  public static func identities(of observed: Observed) -> [ResourceID: String] { [:] }

  /// The guest's lane, so that nothing else is done in it meanwhile.
  public static func route(_ resource: ResourceID, desired: Desired) -> Route {
    let login =
      desired.servers[resource.name]?.login
      ?? Int(resource.name).flatMap { desired.gateways[$0]?.login }
    return Route(lane: login?.lane ?? resource.description, endpoint: login?.endpoint ?? "nginx")
  }
}
