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
        inputs.clients[client] = zip(names, leaves).compactMap { sha1, pem in
          guard DynamicFile.isSHA1(sha1), DynamicFile.isPEM(pem) else { return nil }
          return DynamicFile.Inputs.Leaf(sha1: sha1, pem: pem)
        }
      case (.absent, .absent): break
      default: keep(before, \.clients, client)
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

  private mutating func keep<Value>(
    _ before: DynamicFile.Inputs, _ part: WritableKeyPath<DynamicFile.Inputs, [String: Value]>, _ name: String
  ) {
    isComplete = false
    inputs[keyPath: part][name] = before[keyPath: part][name]
  }
}
