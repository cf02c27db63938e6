import PhoenixCore

/// What the Docker API answers, as values. Each throws `Unexpected` when an answer is not what the API documents: a
/// swarm must never be judged by half of it.
extension Swarm {
  /// An answer that is not what the API documents.
  struct Unexpected: Error {
    /// What was expected.
    let what: String
  }

  /// `GET /nodes`.
  static func nodes(_ root: Node) throws(Unexpected) -> [LiveNode] {
    var nodes: [LiveNode] = []
    for entry in try list(root, "a list of nodes") {
      guard let id = entry["ID"]?.string, let role = entry["Spec"]?["Role"]?.string,
        let availability = entry["Spec"]?["Availability"]?.string,
        let state = entry["Status"]?["State"]?.string
      else { throw Unexpected(what: "a node with ID, role, availability and state") }
      // A manager may tell 0.0.0.0 or nothing as its own address; the others know where they reach it.
      let address = entry["ManagerStatus"]?["Addr"]?.string.flatMap(host) ?? entry["Status"]?["Addr"]?.string
      nodes.append(
        LiveNode(
          id: id, address: address.flatMap { IPAddress($0)?.description }, role: role,
          availability: availability,
          state: state, message: entry["Status"]?["Message"]?.string.flatMap(line)))
    }
    return nodes
  }

  /// `GET /services?status=true`.
  static func services(_ root: Node) throws(Unexpected) -> [LiveService] {
    var services: [LiveService] = []
    for entry in try list(root, "a list of services") {
      guard let id = entry["ID"]?.string, let name = entry["Spec"]?["Name"]?.string else {
        throw Unexpected(what: "a service with ID and name")
      }
      services.append(
        LiveService(
          id: id, name: name, ports: try ports(entry["Endpoint"]?["Ports"]),
          wanted: entry["ServiceStatus"]?["DesiredTasks"]?.integer
            ?? entry["Spec"]?["Mode"]?["Replicated"]?["Replicas"]?.integer))
    }
    return services
  }

  /// `GET /tasks`.
  static func tasks(_ root: Node) throws(Unexpected) -> [LiveTask] {
    var tasks: [LiveTask] = []
    for entry in try list(root, "a list of tasks") {
      guard let status = entry["Status"], let state = status["State"]?.string else {
        throw Unexpected(what: "a task with its state")
      }
      tasks.append(
        LiveTask(
          service: entry["ServiceID"]?.string, node: entry["NodeID"]?.string, state: state,
          ports: try ports(status["PortStatus"]?["Ports"]), version: entry["Version"]?["Index"]?.integer ?? 0,
          error: status["Err"]?.string.flatMap(line)))
    }
    return tasks
  }

  /// Published ports, without those that are not TCP.
  private static func ports(_ node: Node?) throws(Unexpected) -> [LivePort] {
    guard let node else { return [] }
    var ports: [LivePort] = []
    for entry in try list(node, "a list of ports") where entry["Protocol"]?.string ?? "tcp" == "tcp" {
      guard let target = entry["TargetPort"]?.integer else {
        throw Unexpected(what: "a port with its target")
      }
      let published = entry["PublishedPort"]?.integer.flatMap { (1...65_535).contains($0) ? $0 : nil }
      ports.append(
        LivePort(
          target: target, published: published,
          isIngress: entry["PublishMode"]?.string ?? "ingress" == "ingress"))
    }
    return ports
  }

  private static func list(_ node: Node, _ what: String) throws(Unexpected) -> [Node] {
    guard case .array(let elements) = node.content else { throw Unexpected(what: what) }
    return elements
  }

  /// The host of `10.0.0.111:2377`.
  private static func host(_ text: String) -> String? { HostAndPort(text)?.host }

  /// A text of others as one line that is not endless; nil for an empty one.
  static func line(_ text: String) -> String? {
    let words = text.split { $0.isWhitespace || $0.isNewline }.joined(separator: " ")
    return words.isEmpty ? nil : String(words.prefix(300))
  }
}
