import PhoenixCore

/// Traefik's static configuration: what it reads once, when it starts. Pure.
struct StaticFile {
  /// The swarm that its provider reads.
  struct Swarm {
    let endpoint: String
    let rootPath: String
    let certificatePath: String
    let keyPath: String
  }

  /// The network by which Traefik would reach tasks; its servers are ours, so the name only keeps the provider quiet.
  private static let network = "traefik-public"

  /// The names of all entry points.
  static let entryPoints = ["web", "websecure", "mesh"]

  let layout: Traefik.Layout
  /// Whose word about the client's address counts; nil for nobody's.
  let gateway: String?
  let swarm: Swarm?

  var text: String {
    var lines = [
      "# Kept by Phoenix: what is changed here is put back.",
      "global:", "  checkNewVersion: false", "  sendAnonymousUsage: false",
      "log:", "  level: INFO",
      "api:", "  insecure: false", "  dashboard: false",
      "entryPoints:",
    ]
    // Nothing is served in plain text: not even a router that names no entry point, or this one.
    lines += entryPoint("web", layout.webPort)
    lines += [
      "    http:", "      redirections:", "        entryPoint:", "          to: websecure",
      "          scheme: https",
    ]
    for (name, port) in [("websecure", layout.websecurePort), ("mesh", layout.meshPort)] {
      lines += entryPoint(name, port)
      lines += ["    asDefault: true", "    http:", "      tls: {}", "      middlewares:"]
      lines += [DynamicFile.routeMark, DynamicFile.retry].map { "        - \(YAMLText.quoted("\($0)@file"))" }
    }
    lines += [
      "providers:", "  file:", "    directory: \(YAMLText.quoted(layout.dynamicDirectory))",
      "    watch: true",
    ]
    if let swarm {
      lines += [
        "  swarm:", "    endpoint: \(YAMLText.quoted(swarm.endpoint))", "    exposedByDefault: false",
        "    refreshSeconds: 15", "    network: \(Self.network)", "    tls:",
        "      ca: \(YAMLText.quoted(swarm.rootPath))",
        "      cert: \(YAMLText.quoted(swarm.certificatePath))",
        "      key: \(YAMLText.quoted(swarm.keyPath))",
      ]
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func entryPoint(_ name: String, _ port: Int) -> [String] {
    var lines = ["  \(name):", "    address: \(YAMLText.quoted("\(layout.listenAddress):\(port)"))"]
    if let gateway {
      lines += ["    forwardedHeaders:", "      trustedIPs:", "        - \(YAMLText.quoted(gateway))"]
    }
    return lines
  }
}
