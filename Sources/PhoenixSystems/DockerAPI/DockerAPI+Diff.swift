public import PhoenixCore

extension DockerAPI: SystemModel {
  /// `docker-api`.
  public static var name: SystemName { .dockerAPI }

  /// Engines that listen on TCP, proxies that are not as they should be, and doors that show another certificate than
  /// the delivered one.
  public static func diff(desired: Desired, observed: Observed, facts: Facts, now: WallTime) -> [Change] {
    let engines = desired.engines.compactMap { guest, engine in
      observed.nodes[guest]?.value.flatMap { EngineConversion(engine, $0, desired.layout).change }
    }
    let proxies = desired.doors.compactMap { guest, door -> Change? in
      // Whether clients were proved is seen from outside; a door that cannot be seen proves none.
      guard let node = observed.nodes[guest]?.value else { return nil }
      return ProxyNeed(door, desired, node, observed.doors[guest]?.value, facts)?.change
    }
    let served = desired.doors.compactMap { guest, door -> Change? in
      guard let seen = observed.doors[guest]?.value, let node = observed.nodes[guest]?.value,
        case .known(.text(let fingerprint)) = facts[FactKey("certificate.fingerprint", of: door.place.name)]
      else { return nil }
      return change(of: door, seen, node.proxy, wanted: fingerprint)
    }
    return (engines + proxies + served).sorted { $0.resource < $1.resource }
  }

  private static func change(
    of door: Door, _ seen: DoorState, _ proxy: ProxyState?, wanted: String
  ) -> Change? {
    if let refused = proxy?.refused {
      return Change(
        door.served, .update, fields: [FieldChange("generation", from: nil, to: .text(refused))],
        reason: "the new certificate could not be taken up before", isScheduled: true)
    }
    guard seen.fingerprints != [wanted] else { return nil }
    let shown = seen.fingerprints.isEmpty ? nil : FieldValue.list(seen.fingerprints)
    return Change(
      door.served, .update, fields: [FieldChange("fingerprint", from: shown, to: .text(wanted))],
      reason: seen.fingerprints.isEmpty
        ? "no certificate is served: \(seen.trouble ?? "nobody answers")"
        : "another certificate is served than was delivered", isScheduled: true)
  }

  /// An engine is ready when it answers on its socket and nowhere else; a proxy when what is on disk is loaded; what
  /// is served when it shows one certificate, lets phoenixd in, and nobody whom it should not.
  public static func ready(_ resource: ResourceID, desired: Desired, observed: Observed) -> Readiness {
    guard let guest = Int(resource.name), let engine = desired.engines[guest] else {
      return .notReady("it is not declared")
    }
    switch (resource.kind, desired.doors[guest]) {
    case ("engine", _):
      return Readiness(of: observed.nodes[guest]) { EngineConversion(engine, $0, desired.layout).obstacle }
    case ("proxy", .some):
      return Readiness(of: observed.nodes[guest]) { proxyObstacle($0.proxy, desired.layout) }
    case ("served", .some(let door)):
      return Readiness(of: observed.doors[guest]) { seen in
        seen.fingerprints.count == 1
          ? (exposures(door, desired, seen)
            + openPorts(engine, observed.plainPorts[guest], desired.layout)).first?.message
            ?? ownObstacle(desired, seen)
          : seen.trouble ?? "it serves no certificate"
      }
    default: return .notReady("the Docker API has no such \(resource.kind)")
    }
  }

  private static func proxyObstacle(_ proxy: ProxyState?, _ layout: Layout) -> String? {
    guard let proxy, proxy.unit.isRunning else { return "the proxy does not run" }
    if proxy.hangs { return Self.hangingProxy }
    guard let loaded = proxy.loaded else { return "the proxy does not say what it has loaded" }
    let text = proxy.files.files[ProxyFiles.configurationPath(layout)]?.text
    let isLoaded = text.flatMap { Loaded.parse(configuration: $0) }?.hash == loaded.hash
    return isLoaded && !proxy.files.isUnfinished ? nil : "its configuration is not in force yet"
  }

  static let hangingProxy = "the proxy does not answer within 5 s"

  private static func ownObstacle(_ desired: Desired, _ seen: DoorState) -> String? {
    for client in desired.clients where client.isOwn {
      guard let proof = seen.clients[client.name], !proof.isLetIn else { continue }
      return "\(client.name) is not let in: \(proof.account)"
    }
    return nil
  }

  /// Whom each door lets in, by what its proxy has loaded; nobody where it does not run.
  public static func facts(of observed: Observed) -> [FactKey: Reading<FactValue>] {
    var facts: [FactKey: Reading<FactValue>] = [:]
    for (guest, reading) in observed.nodes {
      guard let proxy = reading.value?.proxy else { continue }
      let admitted = proxy.unit.isRunning ? proxy.loaded?.admitted : nil
      for name in Set(proxy.clients).union((admitted ?? [:]).keys) {
        facts[.admitted(name, at: .dockerAPI, guest: guest)] =
          proxy.hangs ? .unreadable(Self.hangingProxy) : .known(.list(admitted?[name] ?? []))
      }
    }
    return facts
  }

  /// Unreadable when no node and no door could be looked at.
  public static func health(of observed: Observed) -> SystemHealth {
    var troubles = observed.nodes.sorted { $0.key < $1.key }.compactMap { guest, reading in
      reading.unreadableReason.map { "guest \(guest): \($0)" }
    }
    troubles += observed.doors.sorted { $0.key < $1.key }.compactMap { guest, reading in
      reading.unreadableReason.map { "the door of guest \(guest): \($0)" }
    }
    guard let first = troubles.first else { return .readable }
    let text = troubles.count == 1 ? first : "\(first) (and \(troubles.count - 1) more)"
    return troubles.count == observed.nodes.count + observed.doors.count ? .unreadable(text) : .partly(text)
  }

  /// What was looked at again is taken from the newer one, the rest stays.
  public static func merge(_ newer: Observed, into older: Observed, scope: ObservationScope) -> Observed {
    guard case .only = scope else { return newer }
    var merged = older
    merged.nodes.merge(newer.nodes) { _, newer in newer }
    merged.doors.merge(newer.doors) { _, newer in newer }
    merged.plainPorts.merge(newer.plainPorts) { _, newer in newer }
    return merged
  }

  /// None: nothing of it holds data.
  public static func identities(of observed: Observed) -> [ResourceID: String] { [:] }

  /// The guest's lane, so that nothing else is done in it meanwhile.
  public static func route(_ resource: ResourceID, desired: Desired) -> Route {
    let login = Int(resource.name).flatMap { desired.engines[$0]?.login }
    return Route(lane: login?.lane ?? resource.description, endpoint: login?.endpoint ?? "docker-api")
  }
}
