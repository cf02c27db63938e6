/// What runs a stack: its name and environment.
public struct StackReference: Sendable, Hashable, Codable {
  /// The stack's key in phoenix_stacks_config.json.
  public let name: String
  /// production, testing or development.
  public let environment: String

  /// Creates a reference.
  public init(name: String, environment: String = "production") {
    self.name = name
    self.environment = environment
  }

  /// Whether Docker takes a name for a stack's, and it is no path.
  static func isValidName(_ name: String) -> Bool {
    guard (1...63).contains(name.utf8.count), let first = name.utf8.first, "_.-".utf8.contains(first) == false
    else { return false }
    return name.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
      default: "_.-".utf8.contains(byte)
      }
    }
  }

  /// The name of the stack in the swarm, such as `production_qdrant_service`.
  public var swarmName: String { "\(environment)_\(name)" }
}

/// A Docker stack that the files declare.
public struct Stack: Sendable, Equatable, Codable {
  /// Its key in phoenix_stacks_config.json, or its directory's name.
  public let name: String
  /// Where it is declared.
  public let location: Location
  /// The compose file as declared; nil for stacks/NAME/docker-compose.yml.
  public var composePath: String?
  /// A name at the gateway.
  public var gatewayName: String?
  /// The rules of the guests that run it, by environment.
  public var firewallRules: [String: [FirewallRule]] = [:]
  /// The routers that its services' labels declare, by environment.
  public var routes: [String: [StackRoute]] = [:]

  /// Creates a stack.
  public init(name: String, location: Location) {
    self.name = name
    self.location = location
  }

  /// Where the compose file is looked for in the configuration directory, in this order.
  public var composeCandidates: [String] {
    [composePath, "stacks/\(name)/docker-compose.yml", "stacks/\(name)/docker-compose.yaml"].compactMap { $0 }
  }
}
