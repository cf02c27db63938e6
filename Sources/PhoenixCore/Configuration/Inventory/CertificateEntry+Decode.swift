extension CertificateEntry {
  /// Decodes an entry of the manifest; nil when a part that it cannot do without is missing or refused.
  init?(decoding node: Node) {
    guard let commonName = node["common_name"]?.accepted(.certificateName),
      let certificatePath = node["cert_path"]?.accepted(.absolutePath),
      let keyPath = node["key_path"]?.accepted(.absolutePath)
    else { return nil }
    self.init(
      commonName: commonName.lowercased(), certificatePath: certificatePath, keyPath: keyPath,
      location: node.location)
    for name in node["sans"]?.strings ?? [] where TextFormat.certificateName.accepts(name) {
      // Addresses in one way of writing, so that they compare with what a certificate holds.
      let name = IPAddress(name)?.description ?? name.lowercased()
      if !names.contains(name) { names.append(name) }
    }
    guest = node["guest_id"]?.guestID
    use = node["cert_type"]?.string.flatMap(Use.init(rawValue:)) ?? .server
    includesRoot = node["include_ca"]?.bool ?? false
    owner = node["owner"]?.string.flatMap { FileOwner($0) } ?? .root
    mode = node["permissions"]?.string.flatMap { FileMode(octal: $0) } ?? mode
    lifetime = node["lifetime"]?.string.flatMap { Duration(configurationText: $0) }
    allowsOutsideDomain = node["allow_outside_domain"]?.bool ?? false
    if let command = node["post_renewal_command"]?.string { renewalCommand = try? RenewalCommand(command) }
    deployments = (node["deploy"]?.elements ?? []).compactMap { deployment in
      guard let guest = deployment["guest_id"]?.guestID,
        let certificatePath = deployment["cert_path"]?.accepted(.absolutePath),
        let keyPath = deployment["key_path"]?.accepted(.absolutePath)
      else { return nil }
      return CertificateDeployment(
        guest: guest, certificatePath: certificatePath, keyPath: keyPath,
        rootPath: deployment["ca_path"]?.accepted(.absolutePath),
        owner: deployment["owner"]?.string.flatMap { FileOwner($0) } ?? owner,
        mode: deployment["mode"]?.string.flatMap { FileMode(octal: $0) } ?? mode,
        consumer: deployment["consumer"]?.string.flatMap { CertificateConsumer($0) },
        probe: deployment["probe"]?.string.flatMap { HostAndPort($0) }, location: deployment.location)
    }
  }
}
