public import PhoenixCore

extension Nginx: SystemModel {
  /// `nginx`.
  public static var name: SystemName { .nginx }

  /// Our file where it is not in force, and for each certificate the first name that shows another one.
  public static func diff(desired: Desired, observed: Observed, facts: Facts, now: WallTime) -> [Change] {
    guard let gateway = desired.gateway else { return [] }
    let state = observed.gateway?.value
    let file = state.flatMap { change(of: gateway, $0, facts) }
    let served = gateway.certificates.compactMap { certificate -> Change? in
      guard let seen = observed.certificates[certificate.name],
        case .known(.text(let fingerprint)) = facts[FactKey("certificate.fingerprint", of: certificate.name)]
      else { return nil }
      return change(of: gateway.hosts(of: certificate.name), seen, wanted: fingerprint, state)
    }
    return ([file].compactMap { $0 } + served).sorted { $0.resource < $1.resource }
  }

  /// The generation of the client certificate that nginx should have loaded; empty without an upstream.
  static func clientGeneration(of gateway: Gateway, _ facts: Facts) -> Reading<String> {
    guard let upstream = gateway.upstream else { return .known("") }
    switch facts[FactKey("certificate.generation", of: upstream.client.name)] {
    case .known(.text(let generation)) where GatewayFile.isPlain(generation): return .known(generation)
    case .known: return .unreadable("the generation of \(upstream.client.name) has a name that is none")
    case .absent: return .absent
    case .unreadable(let reason): return .unreadable(reason)
    }
  }

  // MARK: Our file

  private static func change(of gateway: Gateway, _ state: GatewayState, _ facts: Facts) -> Change? {
    let there = state.files.files[gateway.path]
    var fields: [FieldChange] = []
    var reason = there == nil ? "\(gateway.path) is missing" : "\(gateway.path) differs"
    switch clientGeneration(of: gateway, facts) {
    case .unreadable: return nil
    case .absent:
      // What is there goes on; what is not waits for the certificate.
      guard !isInForce(gateway, state) else { return nil }
      fields = [
        FieldChange(gateway.path, from: there.map { .text("sha256:\($0.sha256)") }, to: .knownAfterApply)
      ]
    case .known(let generation):
      let wanted = GatewayFile(gateway: gateway, generation: generation)
      fields = state.files.differences(from: [wanted.file])
      if there?.sha256 == wanted.file.sha256 { reason = "\(gateway.path) was written and not loaded" }
      if fields.isEmpty, state.isRunning, state.loaded != wanted.hash {
        fields = [FieldChange("loaded", from: state.loaded.map { .text($0) }, to: .text(wanted.hash))]
      } else if fields.isEmpty, state.files.isTouched {
        fields = [FieldChange("loaded", from: .text("unknown"), to: .text(wanted.hash))]
        reason = "\(gateway.path) was touched after it was loaded: what nginx goes by is not known"
      }
    }
    if !state.isEnabled {
      if fields.isEmpty { reason = "nginx is not started with its guest" }
      fields.append(FieldChange("enabled", from: .flag(false), to: .flag(true)))
    }
    if !state.isRunning {
      fields.insert(FieldChange("nginx", from: .text(state.unit), to: .text("active")), at: 0)
      if there != nil { reason = "nginx does not run" }
    }
    guard !fields.isEmpty else { return nil }
    return Change(
      gateway.resource, there == nil ? .create : .update, fields: fields, reason: reason,
      hold: missing(gateway, state) ?? elsewhere(gateway, state)
        ?? state.claims.first.map { "\($0.text); remove one of them" })
  }

  /// Whether our file is as it should be and loaded, whatever generation of the client certificate it names.
  private static func isInForce(_ gateway: Gateway, _ state: GatewayState) -> Bool {
    let wanted = GatewayFile(gateway: gateway, generation: state.generation ?? "")
    return state.isRunning && state.loaded == wanted.hash
      && state.files.differences(from: [wanted.file]).isEmpty
  }

  private static func missing(_ gateway: Gateway, _ state: GatewayState?) -> String? {
    state?.unit == "missing" ? "nginx is not installed in \(gateway.login.name)" : nil
  }

  /// An nginx that reads another main file does not read ours, and loading it again changes nothing.
  private static func elsewhere(_ gateway: Gateway, _ state: GatewayState) -> String? {
    guard state.isRunning, let other = state.runsWith, other != gateway.layout.mainFile else { return nil }
    return "nginx of \(gateway.login.name) runs with -c \(other.escapedForTerminals), and not with "
      + "\(gateway.layout.mainFile): systemctl cat nginx shows where that is said; take it away and restart nginx"
  }

  // MARK: What is served

  /// One load of nginx takes a certificate up for all its names, so one of them stands for all.
  private static func change(
    of hosts: [Host], _ seen: CertificateState, wanted: String, _ gateway: GatewayState?
  ) -> Change? {
    if case .unreadable = seen.refused { return nil }
    for host in hosts {
      guard let state = seen.hosts[host.name]?.value else { continue }
      var field: FieldChange?
      var reason = "another certificate is served than was delivered"
      if let refused = seen.refused.value {
        field = FieldChange("generation", from: nil, to: .text(refused))
        reason = "the new certificate could not be taken up before"
      } else if state.fingerprints != [wanted] {
        let served = state.fingerprints.isEmpty ? nil : FieldValue.list(state.fingerprints)
        field = FieldChange("fingerprint", from: served, to: .text(wanted))
        if let trouble = state.trouble, served == nil { reason = "no certificate is served: \(trouble)" }
      }
      guard let field else { continue }
      return Change(
        host.resource, .update, fields: [field], reason: reason,
        hold: gateway?.unit == "missing" ? "nginx is not installed" : nil, isScheduled: true)
    }
    return nil
  }

  // MARK: Readiness

  /// The gateway is ready when our file is in force, or an older one while others stand in the way of a new one:
  /// certificates are taken up meanwhile. A name is when it shows one certificate, and no other block has it too.
  public static func ready(_ resource: ResourceID, desired: Desired, observed: Observed) -> Readiness {
    guard let gateway = desired.gateway else { return .notReady("no gateway is declared") }
    if resource == gateway.resource {
      return Readiness(of: observed.gateway) { state in
        let isOlder = state.isRunning && state.loaded != nil && !state.claims.isEmpty
        return isInForce(gateway, state) || isOlder ? nil : "its file is not in force yet"
      }
    }
    guard let host = gateway.hosts.first(where: { $0.resource == resource }) else {
      return .notReady("the gateway does not serve \(resource.name)")
    }
    // Of two blocks with the same name nginx takes the one that it reads first: who answers is not known then.
    let claim = observed.gateway?.value?.claims.first { $0.host == host.name }
    return Readiness(of: observed.served(host)) { state in
      guard state.fingerprints.count == 1 else { return state.trouble ?? "it serves no certificate" }
      return claim?.text
    }
  }

  /// Unreadable when neither nginx nor any name could be looked at.
  public static func health(of observed: Observed) -> SystemHealth {
    var readings = 0
    var troubles: [String] = []
    if let gateway = observed.gateway {
      readings += 1
      troubles += gateway.unreadableReason.map { ["nginx: \($0)"] } ?? []
    }
    let hosts = observed.certificates.values.flatMap(\.hosts).sorted { $0.key < $1.key }
    readings += hosts.count
    troubles += hosts.compactMap { name, reading in reading.unreadableReason.map { "\(name): \($0)" } }
    guard let first = troubles.first else { return .readable }
    let text = troubles.count == 1 ? first : "\(first) (and \(troubles.count - 1) more)"
    return troubles.count == readings ? .unreadable(text) : .partly(text)
  }

  // MARK: Facts

  /// `client.taken(NAME)`: the generation of the client certificate that is loaded; absent while that is not known.
  public static func facts(of observed: Observed) -> [FactKey: Reading<FactValue>] {
    guard let state = observed.gateway?.value, let client = state.client else { return [:] }
    // The file names the generation and its own hash, and the hash is what nginx says that it has loaded.
    let text = state.files.files.values.compactMap(\.text).first
    guard state.isRunning, !state.files.isTouched, let generation = state.generation,
      let loaded = state.loaded,
      text?.contains(loaded) == true
    else { return [.clientTaken(client): .absent] }
    return [.clientTaken(client): .known(.text(generation))]
  }

  // MARK: Findings

  /// Server blocks of others in the place of ours, names that nothing answers behind, and a certificate that is
  /// shown to whoever asks.
  public static func findings(desired: Desired, observed: Observed) -> [Finding] {
    guard let gateway = desired.gateway, let state = observed.gateway?.value else { return [] }
    var findings = state.claims.map { claim in
      Finding(
        .warning, resource: gateway.resource, claim.text,
        hint: "remove one of them; Phoenix changes no file that is not its own")
    }
    findings += state.inherited.map { statement in
      Finding(
        .warning, resource: gateway.resource, statement,
        hint: "move it into the server block that it is meant for")
    }
    if let trouble = elsewhere(gateway, state) {
      findings.append(Finding(.warning, resource: gateway.resource, trouble))
    }
    // Until our file is in force, that is what there is to tell.
    guard isInForce(gateway, state) else { return findings }
    findings += gateway.hosts.compactMap { host in
      observed.answers[host.name].flatMap { trouble(host, $0) }
    }
    if let refusal = refusal(gateway, observed.answers) { findings.append(refusal) }
    if let fingerprint = observed.stranger?.value {
      findings.append(
        Finding(
          .warning, resource: gateway.resource,
          "the gateway shows a certificate (\(fingerprint)) to a name that nobody serves",
          hint: "another server block takes what is meant for nobody; nginx -T in the guest shows all"))
    }
    return findings
  }

  private static func trouble(_ host: Host, _ answer: Answer) -> Finding? {
    let (words, hint): (String, String)
    switch answer {
    case .status(502):
      words = "answers 502 through the gateway: Traefik does not answer, or has a server that does not"
      hint = "the error log of nginx in the guest tells which; so does phoenix status traefik"
    case .status(503):
      words = "answers 503 through the gateway: Traefik has no server for it"
      hint = "see whether the service behind it runs: phoenix status swarm"
    case .status(504):
      words = "answers 504 through the gateway: Traefik, or the server behind it, does not answer in time"
      hint = "see whether the service behind it is well, and whether the firewalls let Traefik through to it"
    case .none(let reason):
      words = "does not answer through the gateway: \(reason)"
      hint = "the logs of nginx and of Traefik tell where it ends"
    case .status(let status) where host.isOwn && status != 200:
      words = "answers \(status) at \(GatewayFile.path), where nginx itself answers 200"
      hint = keptOut
    case .status: return nil
    }
    return Finding(.warning, resource: host.resource, "\(host.name) \(words)", hint: hint)
  }

  private static let keptOut =
    "something before our server blocks keeps clients out: nginx -T in the guest shows all that is said for http"

  /// Where no name is the gateway's own: all of them refuse with the same word, which no two services do by chance.
  private static func refusal(_ gateway: Gateway, _ answers: [String: Answer]) -> Finding? {
    guard !gateway.hosts.contains(where: \.isOwn), gateway.hosts.count > 1,
      let first = gateway.hosts.first.flatMap({ answers[$0.name] }),
      case .status(let status) = first, [400, 403, 429].contains(status),
      gateway.hosts.allSatisfy({ answers[$0.name] == first })
    else { return nil }
    return Finding(
      .warning, resource: gateway.resource, "every name answers \(status) through the gateway", hint: keptOut)
  }

  // MARK: Looks and lanes

  /// What was looked at again is taken from the newer one, the rest stays.
  public static func merge(_ newer: Observed, into older: Observed, scope: ObservationScope) -> Observed {
    guard case .only = scope else { return newer }
    var merged = older
    merged.gateway = newer.gateway ?? older.gateway
    merged.certificates.merge(newer.certificates) { _, newer in newer }
    return merged
  }

  /// None: nothing of it holds data.
  public static func identities(of observed: Observed) -> [ResourceID: String] { [:] }

  /// The guest's lane, so that nothing else is done in it meanwhile.
  public static func route(_ resource: ResourceID, desired: Desired) -> Route {
    let login = desired.gateway?.login
    return Route(lane: login?.lane ?? resource.description, endpoint: login?.endpoint ?? "nginx")
  }
}
