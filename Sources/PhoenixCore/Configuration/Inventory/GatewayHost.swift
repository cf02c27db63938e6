/// A name under which the gateway answers.
public struct GatewayHost: Sendable, Hashable, Codable {
  /// The name, in small letters.
  public let name: String
  /// Where it is declared.
  public let location: Location

  /// Creates a name.
  public init(name: String, location: Location) {
    self.name = name
    self.location = location
  }
}

extension Inventory {
  /// The stacks that run on any guest, each once.
  public var runningStacks: [StackReference] {
    Set(guests.flatMap(\.stacks)).sorted { $0.swarmName < $1.swarmName }
  }

  /// The routes of the stacks that run on any guest.
  public var stackRoutes: [StackRoute] {
    let stacks = stacksByName
    return runningStacks.flatMap { stacks[$0.name]?.routes[$0.environment] ?? [] }
  }

  var stacksByName: [String: Stack] {
    Dictionary(stacks.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// All names of the gateway, each once, sorted: the routed services of guests, the stacks' own names, those of
  /// their routers, and Portainer's agents.
  public var gatewayHosts: [GatewayHost] {
    var hosts: [GatewayHost] = []
    for guest in guests {
      if let service = guest.service, let domain = site.domain {
        hosts.append(GatewayHost(name: "\(service.name).\(domain)".lowercased(), location: service.location))
      }
      if let agent = guest.portainerAgentName {
        hosts.append(GatewayHost(name: agent.lowercased(), location: guest.location))
      }
    }
    let stacks = stacksByName
    for reference in runningStacks {
      guard let stack = stacks[reference.name], let name = stack.gatewayName
      else { continue }
      hosts.append(GatewayHost(name: name.lowercased(), location: stack.location))
    }
    for route in stackRoutes {
      hosts += route.hosts.map { GatewayHost(name: $0, location: route.location) }
    }
    var seen: Set<String> = []
    return hosts.filter { seen.insert($0.name).inserted }.sorted { $0.name < $1.name }
  }
}
