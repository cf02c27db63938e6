import PhoenixCore

/// Routers of others that open what the entry points close: TLS without a client's certificate, plain connections, and
/// Traefik's own API; and those that take requests for declared names. Pure.
struct StrayRouters {
  /// Our entry points that ask for a client's certificate.
  private static let closed: Set<String> = ["mesh", "websecure"]

  let routers: [TraefikAPI.Router]
  /// Routers of TCP: they are asked before those of HTTP, and see what no entry point has decrypted.
  var streams: [TraefikAPI.Router] = []
  /// What the files declare.
  var declared: [Traefik.Router] = []

  /// A sentence for each.
  var troubles: [String] {
    routers.sorted { $0.name < $1.name }.filter { $0.provider != "internal" }.flatMap {
      troubles(of: $0)
    } + streams.sorted { $0.name < $1.name }.compactMap { trouble(ofStream: $0) }
  }

  private func troubles(of router: TraefikAPI.Router) -> [String] {
    let name = TraefikAPI.shown(router.name)
    var troubles: [String] = []
    if let options = router.tls?.ownOptions {
      troubles.append(
        "the router \(name) has TLS options of its own, \(options): whoever asks for its names need not have a client "
          + "certificate")
    }
    if router.name == "\(DynamicFile.apiRouter)@file" { return troubles }
    if let service = router.service, service.hasSuffix("@internal") {
      troubles.append(
        "the router \(name) leads to \(TraefikAPI.shown(service)): Traefik's own pages, to whoever gets in")
    }
    if let host = declared.compactMap(\.host).sorted().first(where: { isRival(router, for: $0) }) {
      troubles.append("the router \(name), which no file declares, takes requests for \(host), too")
    }
    return troubles
  }

  /// Routers that no file declares and that take requests for a declared name, or may: which one answers is then not
  /// known.
  func rivals(for host: String) -> [String] {
    routers.filter { isRival($0, for: host) }.map(\.name).sorted()
  }

  private func isRival(_ router: TraefikAPI.Router, for host: String) -> Bool {
    guard router.provider != "internal", router.name != "\(DynamicFile.apiRouter)@file",
      let rule = router.rule,
      !declared.contains(where: { router.isPart(of: "\($0.name)@\($0.provider)") })
    else { return false }
    return RouterRule(rule).mayTake(host)
  }

  private func trouble(ofStream router: TraefikAPI.Router) -> String? {
    let points = (router.using ?? router.entryPoints ?? []).filter { Self.closed.contains($0) }
    guard router.provider != "internal", let point = points.sorted().first else { return nil }
    let way: String
    if router.tls == nil {
      way = "whoever connects without TLS"
    } else if router.tls?.passthrough == true {
      way = "TLS that Traefik does not look into"
    } else if let options = router.tls?.ownOptions {
      way = "TLS with its own options, \(options)"
    } else {
      return nil
    }
    return
      "the TCP router \(TraefikAPI.shown(router.name)) takes \(way) at the entry point \(point): no client "
      + "certificate is asked for"
  }
}

extension TraefikAPI.Router.TLS {
  /// Options that are not the default ones, for people.
  fileprivate var ownOptions: String? {
    guard let options, !["", "default"].contains(options) else { return nil }
    return TraefikAPI.shown(options)
  }
}
