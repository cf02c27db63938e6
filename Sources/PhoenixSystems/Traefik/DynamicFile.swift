import PhoenixCore

/// Our file among Traefik's dynamic ones: what it takes up while it runs. Pure.
///
/// What it holds of facts stands in comments too, so that a fact that cannot be read leaves its part as it is.
struct DynamicFile {
  /// A middleware of our entry points whose header tells a routed answer from Traefik's own.
  static let routeMark = "phoenix-route"
  /// The header that it sets.
  static let routeHeader = "X-Phoenix-Route"
  /// A middleware of our entry points that tries another server when one does not take the connection.
  static let retry = "phoenix-retry"
  /// What the name of the middleware begins with that tells which file is loaded; the file's hash follows.
  static let loadedMark = "phoenix-loaded-"
  /// The router of Traefik's API, for phoenixd alone.
  static let apiRouter = "phoenix-api"
  private static let daemonOnly = "phoenix-daemon"
  private static let transport = "phoenix-stack"

  /// What facts say, or said when the file was written.
  struct Inputs: Equatable {
    /// A certificate that is let in.
    struct Leaf: Equatable {
      let sha1: String
      let pem: String
    }

    /// The generations of the served certificates, by name.
    var generations: [String: String] = [:]
    /// The certificates that are let in, by the clients' names.
    var clients: [String: [Leaf]] = [:]
    /// The servers of stacks' routers, by the routers' names.
    var servers: [String: [String]] = [:]
  }

  let plan: Traefik.DynamicPlan
  let inputs: Inputs

  /// What the file holds.
  var text: String {
    let unmarked = text(hash: Self.noHash)
    return text(hash: Self.digest(unmarked))
  }

  /// The hash of a file that is exactly as we wrote it; nil for any other.
  static func hash(of text: String) -> String? {
    guard let start = text.firstRange(of: "    \(loadedMark)")?.upperBound else { return nil }
    let hash = String(text[start...].prefix(noHash.count))
    guard hash.utf8.count == noHash.count, hash.utf8.allSatisfy({ $0.isSmallHexDigit }) else { return nil }
    let parts = text.split(separator: hash, omittingEmptySubsequences: false)
    return digest(parts.joined(separator: noHash)) == hash ? hash : nil
  }

  private static let noHash = "000000000000"

  private static func digest(_ text: String) -> String {
    String(SHA256.hexDigest(of: Array(text.utf8)).prefix(noHash.count))
  }

  private func text(hash: String) -> String {
    let lines =
      ["# Kept by Phoenix: what is changed here is put back."] + tls + ["http:"] + middlewares(hash) + routers
      + services
    return lines.joined(separator: "\n") + "\n"
  }

  // MARK: Certificates

  private var tls: [String] {
    let pairs = plan.certificates.map { pair($0) }
    var lines = ["tls:", "  certificates:"]
    for (place, (certificate, key)) in zip(plan.certificates, pairs) {
      if let generation = inputs.generations[place.name] {
        lines.append("    \(Self.generationComment)\(place.name) \(generation)")
      }
      lines += ["    - certFile: \(YAMLText.quoted(certificate))", "      keyFile: \(YAMLText.quoted(key))"]
    }
    if let (certificate, key) = pairs.first {
      lines += [
        "  stores:", "    default:", "      defaultCertificate:",
        "        certFile: \(YAMLText.quoted(certificate))", "        keyFile: \(YAMLText.quoted(key))",
      ]
    }
    lines += [
      "  options:", "    default:", "      minVersion: VersionTLS12", "      sniStrict: true",
      // Who is in this pool is let in, and whoever only has the same issuer is not.
      "      clientAuth:", "        clientAuthType: RequireAndVerifyClientCert", "        caFiles:",
    ]
    for (name, leaves) in inputs.clients.sorted(by: { $0.key < $1.key }) {
      for leaf in leaves {
        lines += ["          \(Self.clientComment)\(name) \(leaf.sha1)", "          - |"]
        lines += leaf.pem.split(whereSeparator: \.isNewline).map { "            \($0)" }
      }
    }
    return lines
  }

  /// The files of a generation itself where it is known: they never change, so that certificate and key belong
  /// together whenever Traefik reads them.
  private func pair(_ place: CertificatePlace) -> (certificate: String, key: String) {
    guard let generation = inputs.generations[place.name] else {
      return (place.certificatePath, place.keyPath)
    }
    return (
      place.path(of: CertificatePlace.certificateFile, in: generation),
      place.path(of: CertificatePlace.keyFile, in: generation)
    )
  }

  /// The root that guests' servers are checked against. Traefik reads it again only when its path is another one: so
  /// a root that somebody laid there and that it has read goes with the generation.
  private var rootPath: String? {
    plan.certificates.first.map { place in
      inputs.generations[place.name].map { place.path(of: CertificatePlace.rootFile, in: $0) }
        ?? place.deliveredRoot
    }
  }

  /// The certificates and keys that the file names.
  var pairs: [(certificate: String, key: String)] { plan.certificates.map { pair($0) } }

  // MARK: HTTP

  private func middlewares(_ hash: String) -> [String] {
    var lines = [
      "  middlewares:", "    \(Self.routeMark):", "      headers:", "        customResponseHeaders:",
      "          \(Self.routeHeader): \"1\"",
      // Only a connection that no server took is tried again, never a request that one may have seen.
      "    \(Self.retry):", "      retry:", "        attempts: 3", "        initialInterval: 20ms",
      "    \(Self.loadedMark)\(hash):", "      headers:", "        customResponseHeaders:",
      "          X-Phoenix-Config: \"\(hash)\"",
    ]
    if let daemon = plan.daemonAddress {
      lines += [
        "    \(Self.daemonOnly):", "      ipAllowList:", "        sourceRange:",
        "          - \(YAMLText.quoted(daemon))",
      ]
    }
    return lines
  }

  private var routers: [String] {
    var lines = ["  routers:"]
    if plan.daemonAddress != nil {
      let rule = "Host(`\(plan.apiHost)`) && PathPrefix(`/api`)"
      lines += router(Self.apiRouter, rule: rule, service: "api@internal")
      lines += ["      middlewares:", "        - \(Self.daemonOnly)"]
    }
    for route in plan.guestRoutes {
      lines += router(route.name, rule: "Host(`\(route.host)`)", service: route.name)
    }
    return lines.count == 1 ? [] : lines
  }

  private func router(_ name: String, rule: String, service: String) -> [String] {
    [
      "    \(YAMLText.quoted(name)):", "      rule: \(YAMLText.quoted(rule))", "      entryPoints:",
      "        - mesh",
      "      service: \(YAMLText.quoted(service))",
    ]
  }

  private var services: [String] {
    var lines: [String] = []
    var transports: [String] = []
    for route in plan.guestRoutes {
      lines += service(route.name, transport: route.verifiedName.map { _ in route.name })
      lines += ["        servers:", "          - url: \(YAMLText.quoted(route.url))"]
      if let name = route.verifiedName, let rootPath {
        transports += [
          "    \(YAMLText.quoted(route.name)):",
          "      serverName: \(YAMLText.quoted(name))",
          "      rootCAs:", "        - \(YAMLText.quoted(rootPath))",
        ]
      }
    }
    for backend in plan.backends {
      let servers = inputs.servers[backend.router] ?? []
      lines.append("    \(Self.serversComment)\(([backend.router] + servers).joined(separator: " "))")
      lines += service(backend.router, transport: Self.transport)
      // Without servers it stays: the router that names it would be an error, and answers 503 so.
      lines += servers.isEmpty ? ["        servers: []"] : ["        servers:"]
      lines += servers.map { "          - url: \(YAMLText.quoted("http://\($0)"))" }
    }
    if !plan.backends.isEmpty {
      transports += [
        "    \(YAMLText.quoted(Self.transport)):", "      forwardingTimeouts:", "        dialTimeout: 1s",
      ]
    }
    return (lines.isEmpty ? [] : ["  services:"] + lines)
      + (transports.isEmpty ? [] : ["  serversTransports:"] + transports)
  }

  private func service(_ name: String, transport: String?) -> [String] {
    var lines = ["    \(YAMLText.quoted(name)):", "      loadBalancer:"]
    if let transport { lines.append("        serversTransport: \(YAMLText.quoted(transport))") }
    return lines
  }

  // MARK: Reading it back

  private static let generationComment = "# generation "
  private static let clientComment = "# client "
  private static let serversComment = "# servers "

  /// What a file of ours holds of facts. Whatever is not as we write it is left out.
  static func inputs(in text: String) -> Inputs {
    var inputs = Inputs()
    var leaf: (client: String, sha1: String, lines: [Substring])?
    for line in text.split(whereSeparator: \.isNewline).map({ $0.drop { $0 == " " } }) {
      if line.hasPrefix("#") { leaf = nil }
      if line.hasPrefix(generationComment) {
        let words = line.dropFirst(generationComment.count).split(separator: " ")
        if words.count == 2, isGeneration(words[1]) {
          inputs.generations[String(words[0])] = String(words[1])
        }
      } else if line.hasPrefix(clientComment) {
        let words = line.dropFirst(clientComment.count).split(separator: " ")
        if words.count == 2, isSHA1(words[1]) { leaf = (String(words[0]), String(words[1]), []) }
      } else if line.hasPrefix(serversComment) {
        let words = line.dropFirst(serversComment.count).split(separator: " ").map(String.init)
        guard let router = words.first, words.dropFirst().allSatisfy({ HostAndPort($0) != nil }) else {
          continue
        }
        inputs.servers[router] = Array(words.dropFirst())
      } else if leaf != nil, line != "- |" {
        leaf?.lines.append(line)
        guard line == pemEnd, let whole = leaf else { continue }
        let pem = whole.lines.joined(separator: "\n") + "\n"
        if isPEM(pem) {
          inputs.clients[whole.client, default: []].append(Inputs.Leaf(sha1: whole.sha1, pem: pem))
        }
        leaf = nil
      }
    }
    return inputs
  }

  private static let pemEnd = "-----END CERTIFICATE-----"

  /// One certificate in PEM and nothing else.
  static func isPEM(_ text: String) -> Bool {
    var lines = text.split(whereSeparator: \.isNewline)
    guard lines.count >= 3, lines.removeFirst() == "-----BEGIN CERTIFICATE-----", lines.removeLast() == pemEnd
    else { return false }
    return lines.allSatisfy { line in
      !line.isEmpty && line.utf8.allSatisfy { $0.isBase64Digit }
    }
  }

  /// SHA-1 in small hexadecimal letters.
  static func isSHA1(_ text: some StringProtocol) -> Bool {
    text.utf8.count == 40 && text.utf8.allSatisfy { $0.isSmallHexDigit }
  }

  /// A plain name of a file.
  static func isGeneration(_ text: some StringProtocol) -> Bool {
    !text.isEmpty && text.utf8.count <= 100 && text.first != "." && text.first != "-"
      && text.utf8.allSatisfy { $0.isBase64Digit && $0 != UInt8(ascii: "/") || "-_.".utf8.contains($0) }
  }
}

extension UInt8 {
  fileprivate var isSmallHexDigit: Bool { (0x30...0x39).contains(self) || (0x61...0x66).contains(self) }

  fileprivate var isBase64Digit: Bool {
    switch self {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="): true
    default: false
    }
  }
}
