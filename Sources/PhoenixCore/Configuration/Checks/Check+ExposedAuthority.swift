extension ConfigurationCheck {
  /// Who else sees the directory with the certificate authority's keys.
  func exposedAuthority() -> [Finding] {
    guard let authority = inventory.certificateAuthority else { return [] }
    let secret = authorityPaths(authority.id)
    guard !secret.isEmpty else { return [] }
    return seenByGuests(except: authority.id, secret) + shared(except: authority.id, secret) + served(secret)
  }

  /// The host's directories that the authority has below /etc/step-ca.
  private func authorityPaths(_ id: Int) -> [[Substring]] {
    var paths: [String] = []
    for mount in firstGuest[id]?.node["mount_points"]?.elements ?? [] {
      guard let inside = mount["container_path"]?.string, isAuthorityDirectory(inside) else { continue }
      paths += [mount["host_path"]?.string].compactMap { $0 }
    }
    for volume in nodes.hypervisor?["shared_volumes"]?.members ?? [] {
      guard let inside = volume.value["mounts"]?["\(id)"]?.string, isAuthorityDirectory(inside) else {
        continue
      }
      paths += [volume.value["host_path"]?.string].compactMap { $0 }
    }
    return paths.map(components).filter { !$0.isEmpty }
  }

  private func isAuthorityDirectory(_ path: String) -> Bool {
    path == "/etc/step-ca" || path.hasPrefix("/etc/step-ca/")
  }

  private func seenByGuests(except authority: Int, _ secret: [[Substring]]) -> [Finding] {
    guests.filter { $0.id != authority }.flatMap { guest in
      let mounts = (guest.node["mount_points"]?.elements ?? []).compactMap { $0["host_path"] }
      let volumes = (guest.node["volumes"]?.elements ?? []).compactMap { $0["path"] }
      return (mounts + volumes).compactMap { exposure($0, by: "\(guest.title) mounts", secret) }
    }
  }

  private func shared(except authority: Int, _ secret: [[Substring]]) -> [Finding] {
    (nodes.hypervisor?["shared_volumes"]?.members ?? []).compactMap { volume in
      let others = (volume.value["mounts"]?.members ?? []).filter { $0.key != "\(authority)" }
      guard let path = volume.value["host_path"], !others.isEmpty else { return nil }
      return exposure(path, by: "guest \(others[0].key.escapedForTerminals) mounts", secret)
    }
  }

  private func served(_ secret: [[Substring]]) -> [Finding] {
    let exports = (nodes.hypervisor?["nfs"]?["exports"]?.elements ?? []).compactMap { $0["path"] }
    let shares = (nodes.hypervisor?["samba"]?["shares"]?.elements ?? []).compactMap { $0["path"] }
    return exports.compactMap { exposure($0, by: "NFS exports", secret) }
      + shares.compactMap { exposure($0, by: "Samba shares", secret) }
  }

  /// A path shows the secret when it is it, lies below it, or holds it.
  private func exposure(_ path: Node, by whom: String, _ secret: [[Substring]]) -> Finding? {
    guard let text = path.string else { return nil }
    let seen = components(text)
    guard secret.contains(where: { $0.starts(with: seen) || seen.starts(with: $0) }), !seen.isEmpty else {
      return nil
    }
    return Finding(
      .error, at: path.location,
      "\(whom) the certificate authority's directory, \(text.quotedForPeople): its keys count as compromised",
      hint: "take it out, and make new keys for the authority; guests get their certificates from Phoenix")
  }

  /// A path's parts from the pool on, whether it is written as a mount point or as a dataset.
  private func components(_ path: String) -> [Substring] {
    let parts = path.split(separator: "/")
    let base = inventory.site.mountBase.split(separator: "/")
    return parts.starts(with: base) ? Array(parts.dropFirst(base.count)) : parts
  }
}
