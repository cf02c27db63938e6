import PhoenixCore

/// What facts say of the dynamic file, with what stands there in the place of what cannot be read. Pure.
struct DynamicInputs {
  private(set) var inputs = DynamicFile.Inputs()
  /// Whether every fact could be read.
  private(set) var isComplete = true

  init(_ plan: Traefik.DynamicPlan, _ facts: Facts, before: DynamicFile.Inputs) {
    for place in plan.certificates {
      switch facts[FactKey("certificate.generation", of: place.name)] {
      case .known(.text(let generation)) where DynamicFile.isGeneration(generation):
        inputs.generations[place.name] = generation
      case .absent: break
      default: keep(before, \.generations, place.name)
      }
    }
    for client in plan.clients {
      let (names, leaves) = (facts[.clientFingerprints(client)], facts[.clientLeaves(client)])
      switch (names, leaves) {
      case (.known(.list(let names)), .known(.list(let leaves))) where names.count == leaves.count:
        let published = zip(names, leaves).compactMap { sha1, pem -> DynamicFile.Inputs.Leaf? in
          guard DynamicFile.isSHA1(sha1), DynamicFile.isPEM(pem) else { return nil }
          return DynamicFile.Inputs.Leaf(sha1: sha1, pem: pem)
        }
        inputs.clients[client] = published + leaving(client, plan, facts, before, published)
      case (.absent, .absent): break
      default:
        isComplete = false
        inputs.clients[client] = Self.stillThere(client, facts, before) ?? before.clients[client]
      }
    }
    for backend in plan.backends {
      guard let key = backend.servers else { continue }
      switch facts[key] {
      case .known(.list(let servers)):
        inputs.servers[backend.router] = Set(servers.filter { HostAndPort($0) != nil }).sorted()
      case .absent: inputs.servers[backend.router] = []
      default: keep(before, \.servers, backend.router)
      }
    }
  }

  /// Leaves of a client that it may still be showing, since it has not loaded what was delivered.
  private func leaving(
    _ client: String, _ plan: Traefik.DynamicPlan, _ facts: Facts, _ before: DynamicFile.Inputs,
    _ published: [DynamicFile.Inputs.Leaf]
  ) -> [DynamicFile.Inputs.Leaf] {
    guard plan.tellingClients.contains(client) else { return [] }
    let delivered = facts[FactKey("certificate.generation", of: client)]
    guard case .known(let generation) = delivered, case .known(generation) = facts[.clientTaken(client)]
    else {
      return (Self.stillThere(client, facts, before) ?? before.clients[client] ?? []).filter { leaf in
        !published.contains { $0.sha1 == leaf.sha1 }
      }
    }
    return []
  }

  /// What phoenixd itself has issued for a client, of what the file lets in: whoever writes into the file is no client
  /// by that. Nil when it is not known what was issued.
  private static func stillThere(
    _ client: String, _ facts: Facts, _ before: DynamicFile.Inputs
  ) -> [DynamicFile.Inputs.Leaf]? {
    guard case .known(.list(let names)) = facts[.recordedFingerprints(client)],
      case .known(.list(let leaves)) = facts[.recordedLeaves(client)], names.count == leaves.count
    else { return nil }
    let there = Set((before.clients[client] ?? []).map(\.sha1))
    return zip(names, leaves).filter { sha1, pem in there.contains(sha1) && DynamicFile.isPEM(pem) }.map {
      DynamicFile.Inputs.Leaf(sha1: $0, pem: $1)
    }
  }

  private mutating func keep<Value>(
    _ before: DynamicFile.Inputs, _ part: WritableKeyPath<DynamicFile.Inputs, [String: Value]>, _ name: String
  ) {
    isComplete = false
    inputs[keyPath: part][name] = before[keyPath: part][name]
  }
}
