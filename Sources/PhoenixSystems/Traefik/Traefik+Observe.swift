public import PhoenixCore
import PhoenixHost
import PhoenixNetwork

extension Traefik {
  /// Looks at the guest in one round trip, at the API, at what fresh connections are shown, and at each router with
  /// one request through it.
  public func observe(_ scope: ObservationScope, desired: Desired) async -> Observed {
    let servers = desired.servers.values.filter { scope.includes($0.resource) }
    let routers = desired.routers.values.filter { scope.includes($0.resource) }
    guard let proxy = desired.proxy,
      scope.includes(proxy.staticResource) || scope.includes(proxy.dynamicResource) || !servers.isEmpty
        || !routers.isEmpty
    else { return Observed() }
    async let guest = look(at: proxy)
    async let live = live(proxy)
    // Whoever proves that a certificate is served asks again and again, and need not know this.
    async let answersStrangers =
      scope.includes(proxy.dynamicResource) ? answersStrangers(proxy) : nil
    async let stranger = scope.includes(proxy.dynamicResource) ? stranger(to: proxy) : nil
    let served = await eachConcurrently(servers.sorted { $0.place.name < $1.place.name }, width: Self.width) {
      server in (server.place.name, await shown(server, proxy))
    }
    var observed = Observed(
      guest: await guest, answersStrangers: await answersStrangers, stranger: await stranger)
    for (name, reading) in served { observed.servers[name] = reading }
    let told = await live
    switch told {
    case .known(let live):
      observed.loaded = .known(live.loaded)
      let strays = StrayRouters(
        routers: live.routers, streams: live.streams, declared: Array(desired.routers.values))
      observed.strays = strays.troubles
      observed.routers = await states(of: routers, live, observed.guest?.value, strays)
    case .absent: break
    case .unreadable(let reason):
      observed.loaded = .unreadable(reason)
      for router in routers { observed.routers[router.name] = .unreadable(reason) }
    }
    return observed
  }

  // MARK: In the guest

  private func look(at proxy: Proxy) async -> Reading<GuestState> {
    let layout = proxy.layout
    do throws(Failure) {
      let result = try await keys.shell().run(
        ShellTarget(proxy.login),
        argv: [
          "sh", "-c", TraefikScripts.look, "phoenix", layout.staticMemory, layout.staticPath,
          layout.dynamicMemory, layout.dynamicPath,
        ], timeout: commandTimeout)
      guard result.status.isSuccess, !result.stdoutTruncated else {
        return .unreadable("\(proxy.login.endpoint): \(result.account)")
      }
      return Self.parse(result.stdout, proxy).map { .known($0) }
        ?? .unreadable(
          "\(proxy.login.endpoint): an answer that cannot be understood; does the login shell of "
            + "\(proxy.login.user) print anything by itself?")
    } catch {
      return .unreadable(error.description)
    }
  }

  static func parse(_ bytes: [UInt8], _ proxy: Proxy) -> GuestState? {
    let fields = bytes.split(separator: 0, omittingEmptySubsequences: false).map {
      String(decoding: $0, as: UTF8.self)
    }
    // Unit, enabled, its command, what runs, the file of its own, others, two fields for each file, `end`, and nothing behind the last NUL.
    guard fields.count == 12, fields[10] == "end", fields[11] == "",
      let fixed = ServiceFilesScript.parse(fields[6...7], paths: [proxy.layout.staticPath]),
      let dynamic = ServiceFilesScript.parse(fields[8...9], paths: [proxy.layout.dynamicPath])
    else { return nil }
    return GuestState(
      guest: proxy.login.guest, unit: fields[0], isEnabled: fields[1] == "enabled", staticFile: fixed,
      dynamicFile: dynamic, others: fields[5].split(separator: "\n").map(String.init),
      clients: proxy.plan.clients,
      startedWith: ExecStart(property: fields[2]).flatMap {
        configurationFile(in: $0.words, orElse: fields[4])
      },
      runsWith: configurationFile(in: fields[3].split(separator: "\n").map(String.init), orElse: fields[4]))
  }

  /// The static file that a command names.
  ///
  /// - Parameters:
  ///   - words: The command. Of several files the last one counts.
  ///   - found: The one that Traefik finds when it is told of none; empty when there is none.
  /// - Returns: The file; nil when that is not known.
  static func configurationFile(in words: [String], orElse found: String) -> String? {
    var named: String?
    for (index, word) in words.enumerated() where word.hasPrefix("-") {
      let flag = word.drop { $0 == "-" }
      let parts = flag.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts[0].lowercased() == "configfile" else { continue }
      named = parts.count == 2 ? String(parts[1]) : words.dropFirst(index + 1).first
    }
    return words.isEmpty ? nil : named ?? (found.isEmpty ? nil : found)
  }

  // MARK: From outside

  /// What its API says.
  private struct Live: Sendable {
    let api: TraefikAPI
    let loaded: [String]
    let routers: [TraefikAPI.Router]
    /// Those of TCP.
    let streams: [TraefikAPI.Router]
    let services: [TraefikAPI.Service]
  }

  private func live(_ proxy: Proxy) async -> Reading<Live> {
    guard let name = proxy.identity else {
      return .unreadable("nobody may ask it: the hypervisor's address is not known")
    }
    guard let address = proxy.mesh else { return .unreadable("\(proxy.address) is no address") }
    do throws(Failure) {
      let (identity, trust) = try await keys.identity(name)
      let api = TraefikAPI(
        client: client, identity: identity, trust: trust, address: address, serverName: proxy.serverName,
        apiHost: proxy.plan.apiHost, timeout: requestTimeout)
      let loaded = try await api.loaded()
      return .known(
        Live(
          api: api, loaded: loaded, routers: try await api.routers(), streams: try await api.streamRouters(),
          services: try await api.services()))
    } catch {
      return .unreadable(error.description)
    }
  }

  private func states(
    of routers: [Router], _ live: Live, _ guest: GuestState?, _ strays: StrayRouters
  ) async -> [String: Reading<RouterState>] {
    let inputs = guest?.dynamicText.map { DynamicFile.inputs(in: $0) }
    let states = await eachConcurrently(routers.sorted { $0.name < $1.name }, width: Self.width) { router in
      var answer: Result<TraefikAPI.Answer, TransportError>?
      if let host = router.host {
        do throws(TransportError) {
          answer = .success(try await live.api.ask(host: host, path: router.path))
        } catch {
          answer = .failure(error)
        }
      }
      let judgement = RouterJudgement(
        router: router, servers: router.swarmService == nil ? nil : inputs?.servers[router.name] ?? [],
        routers: live.routers, services: live.services,
        rivals: router.host.map { strays.rivals(for: $0) } ?? [], answer: answer)
      return (router.name, Reading<RouterState>.known(judgement.state))
    }
    return Dictionary(states) { first, _ in first }
  }

  /// Asks without a certificate. A refusal may come after the handshake: what counts is whether anything is answered.
  private func answersStrangers(_ proxy: Proxy) async -> Reading<Bool> {
    let target = TLSProbe.Target(
      address: proxy.address, port: UInt16(clamping: proxy.layout.meshPort), serverName: proxy.serverName)
    let request = "GET / HTTP/1.1\r\nHost: \(proxy.serverName)\r\nConnection: close\r\n\r\n"
    do throws(TransportError) {
      return .known(
        try await !TLSProbe.answer(from: target, to: Array(request.utf8), timeout: .seconds(5)).isEmpty)
    } catch {
      return .unreadable(error.text)
    }
  }

  /// Shows a certificate of the CA that is not let in, from Traefik's own guest: no firewall is in that way.
  private func stranger(to proxy: Proxy) async -> CertificateProof? {
    guard let place = proxy.stranger, let mesh = proxy.mesh else { return nil }
    do throws(Failure) {
      return await GuestProbe(shell: try await keys.shell(), timeout: commandTimeout).show(
        [place], from: proxy.login, to: "https://\(proxy.serverName):\(mesh.port)/",
        at: mesh.host.asURLHost
      ).first
    } catch {
      return CertificateProof(leaf: nil, answers: [.untried(error.description)])
    }
  }

  /// What the entry point mesh shows to fresh connections, one after another.
  private func shown(_ server: Server, _ proxy: Proxy) async -> Reading<ServedLeaves> {
    await ServedLeaves.shown(
      at: TLSProbe.Target(
        address: proxy.address, port: UInt16(clamping: proxy.layout.meshPort), serverName: server.host))
  }
}
