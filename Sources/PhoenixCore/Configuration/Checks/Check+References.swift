extension ConfigurationCheck {
  /// What is named and not there.
  func references() -> [Finding] {
    guestReferences() + stackReferences() + sharedVolumeReferences() + datasetReferences()
      + overrideReferences()
  }

  /// That a guest is declared; nil when it is, or when that cannot be known.
  func missingGuest(_ node: Node, for purpose: String) -> Finding? {
    guard knowsAllGuests, let id = node.guestID, inventory[guest: id] == nil else { return nil }
    return Finding(
      .error, at: node.location, "\(purpose) \(id), and no guest has that number",
      hint: "declare the guest, or take the reference out")
  }

  private func guestReferences() -> [Finding] {
    guests.flatMap { guest in
      var findings = (guest.node["dependencies"]?.elements ?? []).compactMap {
        missingGuest($0, for: "\(guest.title) depends on")
      }
      for (key, kind) in [("clone_from_ctid", Guest.Kind.container), ("clone_from_vmid", .machine)] {
        guard let source = guest.node[key] else { continue }
        if let missing = missingGuest(source, for: "\(guest.title) is cloned from") {
          findings.append(missing)
        } else if let id = source.guestID, let other = inventory[guest: id], other.kind != kind {
          findings.append(
            Finding(
              .error, at: source.location,
              "\(guest.title) is cloned from \(id), which is \(other.kind == .machine ? "a machine" : "a container")",
              hint: "containers are cloned from containers, machines from machines"))
        }
      }
      return findings
    }
  }

  private func stackReferences() -> [Finding] {
    guard !nodes.unreadable.contains(.stacks) else { return [] }
    let declared = nodes.stacks?["docker_stacks"]
    let stacks = Dictionary(
      (declared?.members ?? []).map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    let candidates = KnownNames(stacks.keys.sorted().prefix(1000))
    return guests.flatMap { guest in
      (guest.node["docker_stacks"]?.elements ?? []).compactMap { node -> Finding? in
        guard let reference = StackReference(decoding: node) else { return nil }
        guard let stack = stacks[reference.name] else {
          return Finding(
            .error, at: node.location,
            "\(guest.title) runs the stack \(reference.name.quotedForPeople), which is not declared",
            hint: candidates.nearest(to: reference.name).map {
              "did you mean \"\($0)\"?"
            }
              ?? "declare it in \(ConfigurationPart.stacks.fileName), or as stacks/NAME/phoenix.json")
        }
        let environments = stack["environments"]
        if reference.environment != "production", environments?.isObject ?? true,
          environments?[reference.environment] == nil
        {
          return Finding(
            .error, at: node.location,
            "the stack \(reference.name.quotedForPeople) has no environment \(reference.environment.quotedForPeople)",
            hint: "declare it under environments of the stack")
        }
        return nil
      }
    }
  }

  /// Upstream's files name guests that are long gone here, so this is a warning.
  private func sharedVolumeReferences() -> [Finding] {
    guard knowsAllGuests else { return [] }
    return (nodes.hypervisor?["shared_volumes"]?.members ?? []).filter { $0.key != "firewall" }.flatMap {
      volume in
      (volume.value["mounts"]?.members ?? []).compactMap { mount -> Finding? in
        guard let id = Int(mount.key), inventory[guest: id] == nil else { return nil }
        return Finding(
          .warning, at: mount.keyLocation,
          "the shared volume \(volume.key.quotedForPeople) is for guest \(id), and no guest has that number",
          hint: "take the mount out")
      }
    }
  }

  private func datasetReferences() -> [Finding] {
    let zfs = nodes.hypervisor?["zfs"]
    let declared = zfs?["pools"]?.elements ?? []
    let pools = declared.compactMap { $0["name"]?.string }
    // A pool without a name may be the one that is meant.
    guard !pools.isEmpty, pools.count == declared.count else { return [] }
    return (zfs?["datasets"]?.elements ?? []).compactMap { dataset in
      guard let pool = dataset["pool"], let name = pool.string, !pools.contains(name) else { return nil }
      return Finding(
        .error, at: pool.location,
        "the dataset is in the pool \(name.quotedForPeople), which is not declared",
        hint: KnownNames(pools).nearest(to: name).map { "did you mean \"\($0)\"?" }
          ?? "declare it in zfs.pools, or correct the name")
    }
  }

  private func overrideReferences() -> [Finding] {
    (nodes.daemon?["shell"]?["overrides"]?.members ?? []).compactMap { override in
      guard knowsAllGuests, let id = Int(override.key) else { return nil }
      guard let guest = inventory[guest: id] else {
        return Finding(
          .error, at: override.keyLocation, "shell.overrides is about \(id), and no guest has that number",
          hint: "take it out")
      }
      let via = override.value["via"]?.string
      guard (via == "agent" && guest.kind == .container) || (via == "pct" && guest.kind == .machine) else {
        return nil
      }
      return Finding(
        .error, at: override.value.location,
        "\(guest.name) (\(id)) is \(guest.kind == .container ? "a container, which has no guest agent" : "a machine, which pct does not reach")",
        hint: "write \(guest.kind == .container ? "ssh or pct" : "ssh or agent")")
    }
  }
}
