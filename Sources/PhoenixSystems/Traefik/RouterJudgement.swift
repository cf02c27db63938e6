import PhoenixCore
import PhoenixNetwork

/// What is wrong with a router, as far as Traefik's word and a request through it tell. Pure.
///
/// What Traefik's providers cannot read its API does not say: old routes stay, or none come. So it is compared with
/// what our file says of the swarm.
struct RouterJudgement {
  let router: Traefik.Router
  /// The servers that our file gives its service; nil for one of a guest's.
  let servers: [String]?
  let routers: [TraefikAPI.Router]
  let services: [TraefikAPI.Service]
  /// Routers of others that may have taken that request.
  var rivals: [String] = []
  /// What came of a request; nil when none was made.
  let answer: Result<TraefikAPI.Answer, TransportError>?

  var state: Traefik.RouterState {
    let parts = routers.filter { $0.isPart(of: "\(router.name)@\(router.provider)") }
    guard !parts.isEmpty else { return missing }
    var state = Traefik.RouterState()
    if let service = parts.compactMap(\.service).first(where: { qualified($0) != router.service }) {
      state.troubles.append(
        "it leads to \(TraefikAPI.shown(qualified(service))), and not to \(router.service)")
      state.hint = labelHint("service=\(router.service)")
    }
    if let rule = parts.compactMap(\.rule).first(where: { $0 != router.rule }) {
      state.troubles.append("its rule is \(TraefikAPI.shown(rule)), and not \(router.rule)")
      state.hint = state.hint ?? labelHint("rule=\(router.rule)")
    }
    let entryPoints = parts.flatMap { $0.using ?? [] }
    if let lacking = router.entryPoints.first(where: { !entryPoints.contains($0) }) {
      state.troubles.append(
        "it is not at the entry point \(lacking), but at \(TraefikAPI.shown(entryPoints.joined(separator: ", ")))"
      )
      state.hint = state.hint ?? labelHint("entrypoints=\(router.entryPoints.joined(separator: ","))")
    }
    if let wrong = parts.first(where: { $0.status != "enabled" || $0.error?.isEmpty == false }) {
      let errors = (wrong.error ?? []).joined(separator: "; ")
      state.troubles.append(
        "Traefik says of it: \(TraefikAPI.shown(wrong.status ?? "nothing")) \(TraefikAPI.shown(errors))")
    }
    state.troubles += serviceTroubles
    if let host = router.host, let rival = rivals.first {
      state.troubles.append(
        "requests for \(host) may be taken by \(TraefikAPI.shown(rival)), which no file declares: who answered is not known"
      )
    }
    if let trouble = answerTrouble { state.troubles.append(trouble) }
    return state
  }

  private var missing: Traefik.RouterState {
    guard let service = router.swarmService else {
      return Traefik.RouterState(troubles: ["Traefik has no router \(router.name)@file"])
    }
    let known = servers ?? []
    guard !known.isEmpty else {
      return Traefik.RouterState(
        troubles: ["Traefik has no router \(router.name)@swarm, and no node is known to run \(service)"],
        hint: "phoenix explain swarm/service/\(service)")
    }
    return Traefik.RouterState(
      troubles: [
        "Traefik has no router \(router.name)@swarm, although \(service) runs at "
          + known.joined(separator: ", ")
      ],
      hint:
        "either its labels lack traefik.enable=true, or Traefik's swarm provider cannot read Docker, which "
        + "only its log tells: journalctl -u traefik")
  }

  private var serviceTroubles: [String] {
    guard let service = services.first(where: { $0.name == router.service }) else {
      return ["Traefik has no service \(router.service)"]
    }
    var troubles: [String] = []
    if service.status != "enabled" || service.error?.isEmpty == false {
      let errors = (service.error ?? []).joined(separator: "; ")
      troubles.append(
        "Traefik says of \(router.service): \(TraefikAPI.shown(service.status ?? "nothing")) \(TraefikAPI.shown(errors))"
      )
    }
    if let servers {
      let live = Set((service.loadBalancer?.servers ?? []).compactMap(\.url))
      if live != Set(servers.map { "http://\($0)" }) {
        troubles.append(
          "its servers are \(TraefikAPI.shown(live.sorted().joined(separator: ", "))), and not those of its file"
        )
      }
      if servers.isEmpty {
        troubles.append("no node is known to run \(router.swarmService ?? router.service)")
      }
    }
    return troubles
  }

  private var answerTrouble: String? {
    guard let host = router.host else { return nil }
    switch answer {
    case .failure(let error): return "a request for \(host) was not answered: \(error.text)"
    case .success(let answer) where !answer.isRouted:
      return "a request for \(host) was answered \(answer.status) by Traefik itself: no router took it"
    case .success(let answer) where (502...504).contains(answer.status):
      return "a request for \(host) was answered \(answer.status): no server behind it answers"
    case .success, nil: return nil
    }
  }

  private func labelHint(_ setting: String) -> String? {
    guard let service = router.swarmService else { return nil }
    return "set the label traefik.http.routers.\(router.name).\(setting) at \(service)"
  }

  private func qualified(_ service: String) -> String {
    service.contains("@") ? service : "\(service)@\(router.provider)"
  }
}
