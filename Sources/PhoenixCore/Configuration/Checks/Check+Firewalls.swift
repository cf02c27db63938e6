extension ConfigurationCheck {
  /// The port of an unprotected Docker API, which is root on its guest for everybody.
  static let openDockerPort = 2375

  /// What the rules let happen.
  func firewalls() -> [Finding] {
    inventory.guests.flatMap { guest in
      var findings: [Finding] = []
      if let firewall = guest.firewall {
        if firewall.isSwitchedOffBesideRules { findings.append(switchedOff(guest, firewall)) }
        if guest.swarmRole != nil { findings += admissions(guest, firewall) }
      }
      if guest.swarmRole != nil { findings += stackAdmissions(guest) }
      return findings
    }
  }

  private func switchedOff(_ guest: Guest, _ firewall: GuestFirewall) -> Finding {
    let enabled = firstGuest[guest.id]?.node["firewall"]?["enabled"]
    let isEnforced = inventory.settings.policy.enforceDockerFirewall && guest.swarmRole != nil
    let consequence =
      switch (guest.swarmRole, isEnforced) {
      case (nil, _): "its \(firewall.rules.count) rules have no effect"
      case (_, true): "policy.enforce_docker_firewall switches it on all the same"
      case (_, false): "the swarm node is unprotected, and held"
      }
    return Finding(
      .warning, at: enabled?.location ?? firewall.location,
      "the firewall of \(guest.name) (\(guest.id)) is switched off beside its rules: \(consequence)",
      hint: guest.swarmRole == nil
        ? "write \"enabled\": true"
        : "write \"enabled\": true, or set policy.enforce_docker_firewall in phoenixd.json")
  }

  private func admissions(_ guest: Guest, _ firewall: GuestFirewall) -> [Finding] {
    var findings = firewall.rules.compactMap { admission($0, on: guest) }
    if firewall.inputPolicy == .accept {
      let policy = firstGuest[guest.id]?.node["firewall"]?["default_input_policy"]
      findings.append(
        Finding(
          .error, at: policy?.location ?? firewall.location,
          "the swarm node \(guest.name) (\(guest.id)) lets in everything that no rule stops, and so \(Self.openDockerPort)",
          hint: "write \"default_input_policy\": \"DROP\""))
    }
    return findings
  }

  private func stackAdmissions(_ guest: Guest) -> [Finding] {
    guest.stacks.flatMap { reference in
      (stacks[reference.name]?.firewallRules[reference.environment] ?? []).compactMap {
        admission($0, on: guest)
      }
    }
  }

  private func admission(_ rule: FirewallRule, on guest: Guest) -> Finding? {
    guard rule.admits(port: Self.openDockerPort, over: .tcp) else { return nil }
    let why =
      rule.ports == nil
      ? "it names no port, and so means all" : "its ports \(rule.portText ?? "") hold it"
    return Finding(
      .error, at: rule.location,
      "the rule admits \(Self.openDockerPort)/tcp to the swarm node \(guest.name) (\(guest.id)): \(why)",
      hint: "an open Docker API is root for everybody: name the ports that are meant; clients use 2376")
  }
}
