import PhoenixCore

/// Routers of others that open what the entry points close: TLS without a client's certificate, and Traefik's own API.
/// Pure.
struct StrayRouters {
  let routers: [TraefikAPI.Router]

  /// A sentence for each.
  var troubles: [String] {
    routers.sorted { $0.name < $1.name }.flatMap { router -> [String] in
      guard router.provider != "internal" else { return [] }
      var troubles: [String] = []
      if let options = router.tls?.options, !["", "default"].contains(options) {
        troubles.append(
          "the router \(TraefikAPI.shown(router.name)) has TLS options of its own, \(TraefikAPI.shown(options)): whoever asks for its names "
            + "need not have a client certificate")
      }
      if let service = router.service, service.hasSuffix("@internal"),
        router.name != "\(DynamicFile.apiRouter)@file"
      {
        troubles.append(
          "the router \(TraefikAPI.shown(router.name)) leads to \(TraefikAPI.shown(service)): Traefik's own pages, to whoever gets in"
        )
      }
      return troubles
    }
  }
}
