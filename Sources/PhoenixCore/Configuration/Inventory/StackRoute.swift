/// A router of Traefik that the labels of a stack's service declare.
public struct StackRoute: Sendable, Hashable, Codable {
  /// The router's name.
  public let name: String
  /// The stack, in the environment that declares it.
  public let stack: StackReference
  /// The service within the stack.
  public let service: String
  /// The rule, such as ``Host(`echo.internal.example`)``.
  public let rule: String
  /// The names of the entry points; none for all.
  public let entryPoints: [String]
  /// The port within the container, as the labels say it; nil when they do not.
  public let port: Int?
  /// Where it is declared.
  public let location: Location

  /// Creates a route.
  public init(
    name: String, stack: StackReference, service: String, rule: String, entryPoints: [String] = [],
    port: Int? = nil, location: Location
  ) {
    self.name = name
    self.stack = stack
    self.service = service
    self.rule = rule
    self.entryPoints = entryPoints
    self.port = port
    self.location = location
  }

  /// The service's name in the swarm, such as `production_qdrant_service_qdrant`.
  public var swarmService: String { "\(stack.swarmName)_\(service)" }

  /// The host names that the rule names.
  public var hosts: [String] {
    var (hosts, rest): ([String], Substring) = ([], rule[...])
    while let start = rest.firstRange(of: "Host(") {
      let arguments = rest[start.upperBound...].prefix { $0 != ")" }
      for (index, part) in arguments.split(separator: "`", omittingEmptySubsequences: false).enumerated()
      where !index.isMultiple(of: 2) {
        let host = part.lowercased()
        if TextFormat.hostName.accepts(host), !hosts.contains(host) { hosts.append(host) }
      }
      rest = arguments.isEmpty ? rest[start.upperBound...] : rest[arguments.endIndex...]
    }
    return hosts
  }
}

extension StackRoute {
  /// The routes of one service.
  ///
  /// - Parameters:
  ///   - labels: Its labels, `key=value`.
  ///   - stack: The stack.
  ///   - service: The service within it.
  /// - Returns: Those that have a rule, by name.
  static func list(decoding labels: Node?, stack: StackReference, service: String) -> [StackRoute] {
    var port: Int?
    var routers: [String: (rule: String?, entryPoints: [String], location: Location)] = [:]
    for element in labels?.elements ?? [] {
      let parts = (element.string ?? "").split(separator: "=", maxSplits: 1)
      guard parts.count == 2 else { continue }
      let key = parts[0].split(separator: ".").map { $0.lowercased() }
      guard key.count >= 5, key[0] == "traefik", key[1] == "http" else { continue }
      if key[2] == "services", key[4...] == ["loadbalancer", "server", "port"] {
        port = Int(parts[1]).flatMap { (1...65_535).contains($0) ? $0 : nil } ?? port
      }
      guard key[2] == "routers", key.count == 5 else { continue }
      let name = String(parts[0].split(separator: ".")[3])
      var router = routers[name] ?? (nil, [], element.location)
      switch key[4] {
      case "rule": router.rule = String(parts[1])
      case "entrypoints": router.entryPoints = parts[1].split(separator: ",").map { String($0.trimmed) }
      default: break
      }
      routers[name] = router
    }
    return routers.sorted { $0.key < $1.key }.compactMap { name, router in
      router.rule.map {
        StackRoute(
          name: name, stack: stack, service: service, rule: $0, entryPoints: router.entryPoints, port: port,
          location: router.location)
      }
    }
  }
}
