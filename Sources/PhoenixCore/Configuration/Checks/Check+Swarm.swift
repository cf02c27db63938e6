extension ConfigurationCheck {
  /// Whether the swarm and Portainer can be built of what is declared.
  func swarm() -> [Finding] {
    var findings: [Finding] = []
    if inventory.swarmManagers.isEmpty, knowsAllGuests, let worker = inventory.swarmWorkers.first {
      findings.append(
        Finding(
          .error, at: worker.location,
          "\(worker.name) (\(worker.id)) is a swarm worker, and no guest is a manager",
          hint: "give a machine \"swarm_role\": \"manager\""))
    }
    let primaries = inventory.guests.filter { $0.portainerRole == .primary }
    for other in primaries.dropFirst() {
      findings.append(
        Finding(
          .error, at: other.location,
          "\(other.name) (\(other.id)) is a second primary of Portainer beside \(primaries[0].name) (\(primaries[0].id))",
          hint: "write \"portainer_role\": \"agent\""))
    }
    for guest in inventory.guests where guest.swarmRole != nil && guest.address == nil && !guest.isTemplate {
      findings.append(
        Finding(
          .error, at: guest.location,
          "\(guest.name) (\(guest.id)) is a swarm node without a static address",
          hint: "write network_config.ip with an address"))
    }
    return findings
  }
}
