extension ConfigurationCheck {
  /// What is wrong with entries of the manifest beyond their shape.
  func certificates() -> [Finding] {
    var findings: [Finding] = []
    var (names, paths): ([String: Location], [String: Location]) = ([:], [:])
    for node in nodes.certificates?.elements ?? [] {
      if let name = node["common_name"], let text = name.string?.lowercased() {
        if let first = names[text] {
          findings.append(
            Finding(
              .error, at: name.location,
              "a second entry for \(text.quotedForPeople); the first is at \(first)",
              hint: "make one of them: deploy takes several places"))
        }
        names[text] = names[text] ?? name.location
      }
      findings += domainFindings(node) + targetFindings(node) + commandFindings(node)
      findings += pathFindings(node, &paths)
      if let mode = node["permissions"], let bits = mode.string.flatMap({ FileMode(octal: $0) }),
        bits.isWorldReadable
      {
        findings.append(
          Finding(
            .warning, at: mode.location, "with permissions \(bits) everybody could read the key",
            hint: "write 640 or 600, and name the group in owner"))
      }
      if let lifetime = node["lifetime"],
        let length = lifetime.string.flatMap({ Duration(configurationText: $0) }),
        length < .seconds(300)
      {
        findings.append(
          Finding(
            .error, at: lifetime.location, "a lifetime of less than 5m cannot be kept up",
            hint: "write 24h, or leave it out"))
      }
    }
    return findings
  }

  private func domainFindings(_ node: Node) -> [Finding] {
    guard let domain = inventory.site.domain, node["allow_outside_domain"]?.bool != true else { return [] }
    let names = [node["common_name"]].compactMap { $0 } + (node["sans"]?.elements ?? [])
    return names.compactMap { name in
      guard let text = name.accepted(.certificateName), IPAddress(text) == nil,
        text.lowercased() != "localhost",
        !HostName.isValid(text, within: domain)
      else { return nil }
      return Finding(
        .error, at: name.location, "the name \(text.quotedForPeople) is not in the domain \(domain)",
        hint: "write \(text).\(domain), or \"allow_outside_domain\": true if it is meant")
    }
  }

  private func targetFindings(_ node: Node) -> [Finding] {
    let title = node["common_name"]?.string?.quotedForPeople ?? "the certificate"
    var findings: [Finding] = []
    if let id = node["guest_id"] {
      if let missing = missingGuest(id, for: "\(title) goes to") {
        findings.append(missing)
      } else if let type = node["guest_type"], let kind = type.string.flatMap(Guest.Kind.init(rawValue:)),
        let guest = id.guestID.flatMap({ inventory[guest: $0] }), guest.kind != kind
      {
        findings.append(
          Finding(
            .error, at: type.location, "\(guest.name) (\(guest.id)) is of the type \(guest.kind.rawValue)",
            hint: "write \"\(guest.kind.rawValue)\""))
      }
    }
    for deployment in node["deploy"]?.elements ?? [] {
      if let id = deployment["guest_id"] {
        findings += [missingGuest(id, for: "\(title) goes to")].compactMap { $0 }
      }
    }
    return findings
  }

  private func commandFindings(_ node: Node) -> [Finding] {
    guard let command = node["post_renewal_command"], let text = command.string else { return [] }
    do throws(ShellWords.Problem) {
      let parsed = try RenewalCommand(text)
      if parsed.words.isEmpty {
        return [
          Finding(
            .error, at: command.location, "post_renewal_command names a guest and no command",
            hint: "write the command behind --, such as systemctl reload nginx, or leave the key out")
        ]
      }
      if let id = parsed.guest, knowsAllGuests {
        let isContainer = parsed.place == .container(id)
        guard let guest = inventory[guest: id] else {
          return [
            Finding(
              .error, at: command.location,
              "post_renewal_command is run in \(id), and no guest has that number",
              hint: "correct the number")
          ]
        }
        if (guest.kind == .container) != isContainer {
          return [
            Finding(
              .error, at: command.location,
              "post_renewal_command reaches \(guest.name) (\(id)) with \(isContainer ? "pct, and it is a machine" : "qm, and it is a container")",
              hint: "write \(isContainer ? "qm guest exec" : "pct exec") \(id) -- ...")
          ]
        }
      }
      guard node["deploy"] == nil, let consumer = parsed.recognisedConsumer else { return [] }
      return [
        Finding(
          .note, at: command.location,
          "instead of post_renewal_command \(consumer) is tested, reloaded and proved by a handshake",
          hint: "write it as deploy with \"consumer\": \"\(consumer)\"")
      ]
    } catch {
      return [
        Finding(
          .error, at: command.location, "post_renewal_command cannot be run: \(error)",
          hint: "no shell reads it; write pct exec ID -- /bin/bash -c '...' for a script")
      ]
    }
  }
}
