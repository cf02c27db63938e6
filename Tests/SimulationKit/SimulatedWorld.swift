import PhoenixCore

/// What really is, and what should be: a pure value that a seed makes.
struct SimulatedWorld {
  /// What really is.
  var actual: [ResourceID: Int] = [:]
  /// What should be.
  var desired: [SystemName: [String: SimulatedItem]] = [:]
  var requires: [ResourceID: [ResourceID]] = [:]
  /// Systems that do not answer now.
  var down: Set<SystemName> = []
  /// Systems that can be looked at, and refuse whatever is asked of them.
  var broken: Set<SystemName> = []
  /// Single resources that cannot be read now.
  var veiled: Set<ResourceID> = []
  var policy = Policy()
  /// Resources whose number was another's at the start: what they should be moves while they are changed.
  private(set) var followers: Set<ResourceID> = []

  static let systems: [SystemName] = [.proxmox, .certificates, .nginx]

  init(using generator: inout SeededGenerator) {
    policy.maxDeletes = Int.random(in: 0...2, using: &generator)
    policy.maxChangedFraction = generator.chance(50) ? 0.5 : 0.3
    if generator.chance(30) { policy.allow.insert(.disruptive) }
    if generator.chance(10) { policy.selfHealBySystem[.nginx] = false }
    var earlier: [ResourceID] = []
    for system in Self.systems {
      var items: [String: SimulatedItem] = [:]
      for index in 0..<Int.random(in: 3...7, using: &generator) {
        let holdsData = system == .proxmox && generator.chance(30)
        let name = "\(holdsData ? "data" : "thing")-\(system.rawValue)-\(index)"
        var item = SimulatedItem(
          value: Int.random(in: 1...9, using: &generator), risk: .safe, holdsData: holdsData)
        if generator.chance(20) { item.risk = generator.chance(60) ? .disruptive : .destructive }
        item.mustNotDiffer = item.risk == .safe && system == .proxmox
        let id = ResourceID(system, "thing", name)
        if system == .nginx,
          let certificate = earlier.filter({ $0.system == .certificates }).randomElement(using: &generator),
          generator.chance(60)
        {
          item.follows = certificate.name
          followers.insert(id)
          requires[id, default: []].append(certificate)
        }
        if let other = earlier.randomElement(using: &generator), generator.chance(50),
          !(requires[id] ?? []).contains(other)
        {
          requires[id, default: []].append(other)
        }
        items[name] = item
        earlier.append(id)
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: actual[id] = item.value
        case 1: actual[id] = Int.random(in: 1...9, using: &generator)
        default: break
        }
      }
      desired[system] = items
    }
  }

  /// The files no longer declare some resources, nor anything about them.
  mutating func undeclare(_ ids: Set<ResourceID>) {
    for id in ids { desired[id.system]?[id.name] = nil }
    requires = requires.filter { !ids.contains($0.key) }.mapValues { $0.filter { !ids.contains($0) } }
    for (system, items) in desired {
      for (name, item) in items
      where item.follows.map({ ids.contains(ResourceID(.certificates, "thing", $0)) }) ?? false {
        desired[system]?[name]?.follows = nil
      }
    }
  }

  /// Everything that the files declare, by name.
  var declared: [ResourceID] {
    desired.flatMap { system, items in items.keys.map { ResourceID(system, "thing", $0) } }.sorted()
  }

  /// Those whose changes take an operator's word, or a policy.
  var risky: [ResourceID] { declared.filter { desired[$0.system]?[$0.name]?.risk != .safe } }

  /// What tells one state of the files from another.
  var filesDigest: String { declared.map(\.description).joined(separator: " ") }

  /// Whether the loss of a resource is the loss of data.
  func holdsData(_ id: ResourceID) -> Bool { desired[id.system]?[id.name]?.holdsData ?? false }

  /// What a resource's number should be; nil when it follows one that is not there.
  func wanted(_ id: ResourceID) -> Int? {
    guard let item = desired[id.system]?[id.name] else { return nil }
    guard let follows = item.follows else { return item.value }
    return actual[ResourceID(.certificates, "thing", follows)]
  }

  /// What a look at a system shows at this moment.
  func look(_ system: SystemName, only: Set<ResourceID>?) -> (items: [String: Reading<Int>], down: String?) {
    guard !down.contains(system) else { return ([:], "it does not answer") }
    var items: [String: Reading<Int>] = [:]
    let known = Set((desired[system] ?? [:]).keys.map { ResourceID(system, "thing", $0) })
      .union(actual.keys.filter { $0.system == system })
    for id in known where only?.contains(id) ?? true {
      if veiled.contains(id) {
        items[id.name] = .unreadable("it does not answer")
      } else {
        items[id.name] = actual[id].map { .known($0) } ?? .absent
      }
    }
    return (items, nil)
  }

  /// Carries a change out, as the system itself would: to what it should be by now.
  mutating func carryOut(_ change: Change) {
    switch change.kind {
    case .delete: actual[change.resource] = nil
    case .create, .update:
      if case .number(let number) = change.fields.first?.to { actual[change.resource] = number }
    }
  }

  /// The configuration that compile would make of it.
  func configuration() -> KernelConfiguration {
    func slot<Tag: SystemTag>(_: Tag.Type) -> any SystemState {
      let items = desired[Tag.system] ?? [:]
      let resources = items.keys.sorted().map { name in
        let id = ResourceID(Tag.system, "thing", name)
        return DeclaredResource(id, requires: requires[id] ?? [])
      }
      let compiled = SimulatedModel<Tag>.Desired(items: items, prunes: true)
      return SystemSlot(Compiled(compiled, resources: resources), of: SimulatedModel<Tag>.self)
    }
    return KernelConfiguration(
      systems: [slot(GuestsTag.self), slot(CertificatesTag.self), slot(GatewayTag.self)],
      desiredDigest: filesDigest, policy: policy,
      intervals: [.proxmox: .seconds(120), .certificates: .seconds(240), .nginx: .seconds(120)],
      fullInterval: .seconds(1200), actionDeadline: .seconds(60))
  }

  func observation(_ system: SystemName, _ scope: ObservationScope) -> Observation {
    var only: Set<ResourceID>?
    if case .only(let resources) = scope { only = resources }
    let seen = look(system, only: only)
    switch system {
    case .proxmox:
      return Observation(
        system, scope, .seen(SimulatedModel<GuestsTag>.Observed(items: seen.items, down: seen.down)))
    case .certificates:
      return Observation(
        system, scope, .seen(SimulatedModel<CertificatesTag>.Observed(items: seen.items, down: seen.down)))
    default:
      return Observation(
        system, scope, .seen(SimulatedModel<GatewayTag>.Observed(items: seen.items, down: seen.down)))
    }
  }
}
