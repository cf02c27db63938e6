extension ConfigurationNodes {
  /// The files that could be parsed and are not of their shape where others look into them: what they mean to
  /// declare is not known either.
  var misshapen: Set<ConfigurationPart> {
    Set(ConfigurationPart.allCases.filter { part in self[part].map { Self.isMisshapen($0, part) } ?? false })
  }

  private static func isMisshapen(_ root: Node, _ part: ConfigurationPart) -> Bool {
    switch part {
    case .containers:
      guard root.isObject, let guests = root["lxc_configs"] else { return !root.isObject }
      return !guests.isObject || !guests.members.allSatisfy(isContainer)
    case .machines:
      guard root.isObject, let guests = root["vms"] else { return !root.isObject }
      return !guests.isArray || !guests.elements.allSatisfy { $0["vmid"]?.guestID != nil }
    case .stacks: return !root.isObject || root["docker_stacks"]?.isObject == false
    case .certificates: return !root.isArray
    case .hypervisor, .daemon: return !root.isObject
    }
  }

  private static func isContainer(_ member: Node.Member) -> Bool {
    TextFormat.guestID.accepts(member.key) && member.value.isObject
  }
}
