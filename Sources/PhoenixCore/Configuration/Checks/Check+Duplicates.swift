extension ConfigurationCheck {
  /// What two guests cannot share.
  func duplicates() -> [Finding] {
    var findings: [Finding] = []
    var (names, addresses, macs, services) = (Claims(), Claims(), Claims(), Claims())
    if let address = inventory.site.hypervisorAddress, let network = nodes.hypervisor?["network"],
      let node = network["interfaces"]?["address"]
    {
      _ = addresses.claim(address, for: "the hypervisor", at: node.location)
      for key in ["gateway"] {
        guard let gateway = network["interfaces"]?[key], let text = gateway.accepted(.address) else {
          continue
        }
        _ = addresses.claim(text, for: "the gateway", at: gateway.location)
      }
    }
    for guest in guests {
      if let name = guest.node["name"], let text = name.string?.lowercased() {
        findings += names.claim(text, for: guest.title, at: name.location).map {
          $0.finding("the name", shown: text)
        }
      }
      for network in guest.networks {
        guard let ip = network["ip"], let text = ip.accepted(.block), let block = AddressBlock(text) else {
          continue
        }
        let address = block.address.description
        findings += addresses.claim(address, for: guest.title, at: ip.location).map {
          $0.finding("the address", shown: address)
        }
      }
      for mac in macNodes(of: guest) {
        guard let text = mac.string.flatMap({ MACAddress($0) })?.description else { continue }
        findings += macs.claim(text, for: guest.title, at: mac.location).map {
          $0.finding("the hardware address", shown: text)
        }
      }
      if let name = guest.node["traefik_service"]?["name"], let text = name.string?.lowercased() {
        findings += services.claim(text, for: guest.title, at: name.location).map {
          $0.finding("the service name", shown: text)
        }
      }
    }
    return findings
  }

  /// The hardware addresses of a guest. One that is written twice for the same device counts once.
  private func macNodes(of guest: GuestNode) -> [Node] {
    let own = guest.node["mac_address"]
    let first = guest.node["network_config"]?["hwaddr"]
    let second = guest.node["secondary_network_config"]?["hwaddr"]
    return [first ?? own, second].compactMap { $0 }
  }
}

/// Who has what, for values that only one may have.
private struct Claims {
  private var owners: [String: (title: String, location: Location)] = [:]

  struct Clash {
    let title: String
    let other: String
    let otherLocation: Location
    let location: Location

    func finding(_ what: String, shown value: String) -> Finding {
      Finding(
        .error, at: location,
        "\(title) has \(what) \(value.escapedForTerminals) of \(other), at \(otherLocation)",
        hint: "give each its own")
    }
  }

  /// Claims a value; the result is who has it already, as a list of none or one.
  mutating func claim(_ value: String, for title: String, at location: Location) -> [Clash] {
    if let owner = owners[value] {
      return [Clash(title: title, other: owner.title, otherLocation: owner.location, location: location)]
    }
    owners[value] = (title, location)
    return []
  }
}
