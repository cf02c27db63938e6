public import PhoenixCore

extension Swarm {
  /// Nodes and services that are not as the files say.
  public static func findings(desired: Desired, observed: Observed) -> [Finding] {
    let nodes = desired.nodes.sorted { $0.key < $1.key }.flatMap { guest, node in
      findings(guest, node, observed.nodes[guest])
    }
    let services = desired.services.sorted { $0.key < $1.key }.flatMap { name, service in
      findings(name, service, observed.services[name])
    }
    return nodes + services
  }

  private static func findings(
    _ guest: Int, _ node: DesiredNode, _ reading: Reading<NodeState>?
  ) -> [Finding] {
    let title = "\(node.name) (\(guest))"
    func finding(_ message: String, hint: String) -> Finding {
      Finding(.warning, resource: nodeResource(guest), message, hint: hint)
    }
    switch reading {
    case .absent:
      return [
        finding(
          "\(title) is not in the swarm: no node has the address \(node.addresses.joined(separator: " or "))",
          hint: "join it: `docker swarm join-token \(node.role.rawValue)` on a manager tells how")
      ]
    case .known(let state):
      var findings: [Finding] = []
      if let trouble = state.trouble {
        findings.append(
          finding(
            "\(title) \(trouble), so it takes no tasks",
            hint: state.state == "ready"
              ? "`docker node update --availability active` on a manager ends that"
              : "look at it with `systemctl status docker`, and whether the firewalls let the nodes reach each other"
          ))
      }
      if state.role != node.role.rawValue {
        let verb = node.role == .manager ? "promote" : "demote"
        findings.append(
          finding(
            "\(title) is a \(state.role) of the swarm and a \(node.role.rawValue) in the files",
            hint: "`docker node \(verb)` on a manager, or change its swarm_role"))
      }
      return findings
    case .unreadable, nil: return []
    }
  }

  private static func findings(
    _ name: String, _ service: DesiredService, _ reading: Reading<ServiceState>?
  ) -> [Finding] {
    func finding(_ message: String, hint: String) -> Finding {
      Finding(.warning, resource: serviceResource(name), message, hint: hint)
    }
    let routes =
      "the route\(service.routers.count == 1 ? "" : "s") \(service.routers.joined(separator: ", "))"
    switch reading {
    case .absent:
      return [
        finding(
          "\(name) is not deployed, so \(routes) lead\(service.routers.count == 1 ? "s" : "") nowhere",
          hint: "deploy its stack with `docker stack deploy`")
      ]
    case .known(let state):
      var findings = state.unpublished.map { port in
        finding(
          "\(name) publishes no port for \(port), which \(routes) need\(service.routers.count == 1 ? "s" : ""): "
            + "the gateway cannot reach it",
          hint: "publish it in the compose file: ports: target \(port), in host mode")
      }
      if state.running < state.wanted {
        findings.append(
          finding(
            "\(state.running) of \(state.wanted) tasks of \(name) run"
              + (state.taskError.map { "; the last one that failed says: \($0)" } ?? ""),
            hint: "`docker service ps --no-trunc \(name)` on a manager tells of each"))
      }
      return findings
    case .unreadable, nil: return []
    }
  }
}
