import PhoenixCore
import PhoenixHost

@testable import PhoenixSystems

/// Files, and what may be seen of what they declare and of more.
struct LawSample<Model: ManagedSystem> {
  let desired: Model.Desired
  let resources: [ResourceID]
  let observed: Model.Observed
  /// Another one, such as a later look brings.
  let later: Model.Observed
  let facts: Facts
  let now = CertificateFixtures.now

  /// What the example declares, thinned: what was seen also holds what is not declared any more.
  init<System: LawfulSystem>(of system: System, seed: UInt64) where System.Model == Model {
    var generator = SeededGenerator(seed: seed)
    let whole = system.whole.desired
    let compiled = LawExample.compile(Model.self, keeping: { generator.chance(80) })
    desired = compiled.desired
    resources = compiled.resources.map(\.id)
    observed = system.random(whole, &generator)
    later = system.random(whole, &generator)
    facts = Facts(
      system.facts(whole).mapValues { fact in
        generator.chance(85) ? fact : [.absent, .unreadable("no route")].pick(&generator)
      })
  }

  func changes(_ desired: Model.Desired? = nil, _ observed: Model.Observed? = nil) -> [Change] {
    Model.diff(desired: desired ?? self.desired, observed: observed ?? self.observed, facts: facts, now: now)
  }

  /// What is thought of each resource.
  func verdicts(in observed: Model.Observed) -> [ResourceID: Verdict] {
    let changes = changes(nil, observed)
    let verdicts = resources.map { resource in
      Verdict(
        readiness: Model.ready(resource, desired: desired, observed: observed),
        change: changes.first { $0.resource == resource })
    }
    return Dictionary(uniqueKeysWithValues: zip(resources, verdicts))
  }

  struct Verdict: Equatable {
    let readiness: Readiness
    let change: Change?
  }
}

/// The example's files, with more than one certificate for the gateway, and some for an nginx that is none.
enum LawExample {
  private static let loaded: LoadedConfiguration = {
    let root = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    return ConfigurationLoader.load(directory: "/\(root)/etc/phoenix")
  }()

  static func compile<Model: ManagedSystem>(
    _ model: Model.Type, keeping isKept: () -> Bool = { true }
  ) -> Compiled<Model.Desired> {
    var inventory = loaded.inventory
    for (guest, name) in [(101, "qdrant"), (102, "other"), (102, "third")] {
      var entry = CertificateEntry(
        commonName: "\(name).internal.example", certificatePath: "/etc/nginx/ssl/\(name).crt",
        keyPath: "/etc/nginx/ssl/\(name).key", location: CertificateFixtures.location)
      entry.deployments = [
        CertificateDeployment(
          guest: guest, certificatePath: entry.certificatePath, keyPath: entry.keyPath, consumer: .nginx,
          location: CertificateFixtures.location)
      ]
      inventory.certificates.append(entry)
    }
    inventory.guests.removeAll { _ in !isKept() }
    inventory.certificates.removeAll { _ in !isKept() }
    return Model.compile(inventory, loaded.nodes)
  }
}

extension Dictionary {
  /// The same pairs, put in from the last to the first, into more room: it enumerates them in another order.
  var reordered: Self {
    var copy = Self(minimumCapacity: count * 16 + 64)
    for (key, value) in reversed() { copy[key] = value }
    return copy
  }
}

extension Reading {
  /// What is known, or what a look may find instead.
  static func random(
    _ generator: inout SeededGenerator, _ known: (inout SeededGenerator) -> Value
  ) -> Reading? {
    switch Int.random(in: 0..<10, using: &generator) {
    case 0: nil
    case 1: .absent
    case 2, 3: .unreadable("no route")
    default: .known(known(&generator))
    }
  }
}
