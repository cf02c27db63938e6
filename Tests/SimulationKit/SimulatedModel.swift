import PhoenixCore

/// What tells one simulated system from another at compile time.
protocol SystemTag: Sendable { static var system: SystemName { get } }
enum GuestsTag: SystemTag { static let system = SystemName.proxmox }
enum CertificatesTag: SystemTag { static let system = SystemName.certificates }
enum GatewayTag: SystemTag { static let system = SystemName.nginx }

/// A resource of the simulated world: it has one number, which should be a given one, or another's number.
struct SimulatedItem: Codable, Hashable, Sendable {
  /// What the number should be; where `follows` is set, that resource's number as its system publishes it.
  var value: Int
  var follows: String?
  var risk: Risk
  var holdsData: Bool
  /// Whether another number is an exposure.
  var mustNotDiffer = false
}

/// The decisions of a simulated system, written the way every real one is.
enum SimulatedModel<Tag: SystemTag>: SystemModel {
  struct Desired: Codable, Equatable, Sendable {
    var items: [String: SimulatedItem]
    /// Names that are ours to delete when nothing declares them.
    var prunes: Bool
  }
  struct Observed: Codable, Equatable, Sendable {
    var items: [String: Reading<Int>]
    var down: String?
  }

  static var name: SystemName { Tag.system }
  /// One of its items must never differ.
  static var watchesExposures: Bool { true }

  static func id(_ name: String) -> ResourceID { ResourceID(Tag.system, "thing", name) }

  static func diff(desired: Desired, observed: Observed, facts: Facts, now: WallTime) -> [Change] {
    guard observed.down == nil else { return [] }
    var changes: [Change] = []
    for (name, item) in desired.items {
      var wanted: FieldValue = .number(item.value)
      if let follows = item.follows {
        guard case .known(.number(let number)) = facts[FactKey("number", of: follows)] else { continue }
        wanted = .number(number)
      }
      switch observed.items[name] ?? .unreadable("not looked at") {
      case .unreadable: continue
      case .absent:
        changes.append(
          Change(
            id(name), .create, fields: [FieldChange("number", from: nil, to: wanted)],
            reason: "it is missing",
            risk: item.risk == .destructive ? .safe : item.risk))
      case .known(let number) where .number(number) != wanted:
        changes.append(
          Change(
            id(name), .update, fields: [FieldChange("number", from: .number(number), to: wanted)],
            reason: "the number differs", risk: item.risk,
            endsExposure: item.mustNotDiffer))
      case .known: continue
      }
    }
    if desired.prunes {
      for (name, reading) in observed.items where desired.items[name] == nil {
        if case .known = reading { changes.append(Change(id(name), .delete, reason: "nothing declares it")) }
      }
    }
    return changes
  }

  static func ready(_ resource: ResourceID, desired: Desired, observed: Observed) -> Readiness {
    if let down = observed.down { return .unreadable(down) }
    switch observed.items[resource.name] ?? .unreadable("not looked at") {
    case .known: return .ready
    case .absent: return .notReady("it is missing")
    case .unreadable(let reason): return .unreadable(reason)
    }
  }

  static func facts(of observed: Observed) -> [FactKey: Reading<FactValue>] {
    var facts: [FactKey: Reading<FactValue>] = [:]
    for (name, reading) in observed.items {
      let reading = observed.down.map { Reading<Int>.unreadable($0) } ?? reading
      facts[FactKey("number", of: name)] = reading.map { .number($0) }
    }
    return facts
  }

  static func health(of observed: Observed) -> SystemHealth {
    observed.down.map { .unreadable($0) } ?? .readable
  }

  static func merge(_ newer: Observed, into older: Observed, scope: ObservationScope) -> Observed {
    var merged = older
    merged.down = newer.down
    if newer.down == nil { merged.items.merge(newer.items) { _, newer in newer } }
    return merged
  }

  static func identities(of observed: Observed) -> [ResourceID: String] {
    var identities: [ResourceID: String] = [:]
    for (name, reading) in observed.items where name.hasPrefix("data") && observed.down == nil {
      if case .known = reading { identities[id(name)] = "identity of \(name)" }
    }
    return identities
  }

  static func route(_ resource: ResourceID, desired: Desired) -> Route {
    Route(
      lane: "\(Tag.system.rawValue)/\(resource.name.last.map(String.init) ?? "")",
      endpoint: Tag.system.rawValue)
  }
}
