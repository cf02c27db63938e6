import FoundationEssentials
public import PhoenixCore
import PhoenixHost
import PhoenixNetwork

extension Nginx {
  /// Looks at gateways in one round trip each, and at what their servers show to fresh connections.
  public func observe(_ scope: ObservationScope, desired: Desired) async -> Observed {
    let servers = desired.servers.values.filter { scope.includes($0.resource) }
    let guests = Set(servers.map(\.login.guest))
    let gateways = desired.gateways.values.filter {
      scope.includes($0.resource) || guests.contains($0.login.guest)
    }
    var observed = Observed()
    guard !gateways.isEmpty else { return observed }
    let looks = await look(
      at: gateways.sorted { $0.login.guest < $1.login.guest }.map { gateway in
        (gateway, servers.filter { $0.login == gateway.login }.sorted { $0.place.name < $1.place.name })
      })
    let served = await eachConcurrently(servers.sorted { $0.place.name < $1.place.name }, width: Self.width) {
      server in
      let leaves = await shown(by: server)
      return Shown(
        name: server.place.name,
        reading: leaves.map { ServerState(fingerprints: $0.fingerprints, trouble: $0.trouble) })
    }
    for look in looks { observed.gateways[look.guest] = look.gateway }
    for shown in served {
      let refusals =
        looks.compactMap { $0.refusals[shown.name] }.first ?? .unreadable("its guest was not asked")
      observed.servers[shown.name] = combine(shown.reading, refusals)
    }
    return observed
  }

  private struct Shown: Sendable {
    let name: String
    let reading: Reading<ServerState>
  }

  private struct Look: Sendable {
    let guest: Int
    var gateway: Reading<GatewayState>
    /// For each certificate the generation that was refused, "" for none.
    var refusals: [String: Reading<String>]
  }

  private func combine(_ shown: Reading<ServerState>, _ refused: Reading<String>) -> Reading<ServerState> {
    switch (shown, refused) {
    case (.known(var state), .known(let generation)):
      state.refused = generation.isEmpty ? nil : generation
      return .known(state)
    case (.known, .absent), (.absent, _), (.unreadable, _): return shown
    case (.known, .unreadable(let reason)): return .unreadable(reason)
    }
  }

  // MARK: In the guest

  private func look(at gateways: [(Gateway, [Server])]) async -> [Look] {
    let shell: Shell
    do throws(Failure) {
      shell = try await channel()
    } catch {
      return gateways.map { unreadable($0, $1, error.description) }
    }
    return await eachConcurrently(gateways, width: Self.width) { gateway, servers in
      await look(shell, gateway, servers)
    }
  }

  private func unreadable(_ gateway: Gateway, _ servers: [Server], _ reason: String) -> Look {
    Look(
      guest: gateway.login.guest, gateway: .unreadable(reason),
      refusals: Dictionary(servers.map { ($0.place.name, .unreadable(reason)) }) { first, _ in first })
  }

  private func look(_ shell: Shell, _ gateway: Gateway, _ servers: [Server]) async -> Look {
    do throws(Failure) {
      let arguments = [gateway.path] + servers.map(\.place.base) + ["--"] + gateway.others
      let result = try await shell.run(
        ShellTarget(gateway.login), argv: ["sh", "-c", NginxScripts.look, "phoenix"] + arguments,
        timeout: commandTimeout)
      guard result.status.isSuccess, !result.stdoutTruncated else {
        return unreadable(gateway, servers, "\(gateway.login.endpoint): \(result.account)")
      }
      guard let look = Self.parse(result.stdout, gateway, servers) else {
        return unreadable(
          gateway, servers,
          "\(gateway.login.endpoint): an answer that cannot be understood; does the login shell of "
            + "\(gateway.login.user) print anything by itself?")
      }
      return look
    } catch {
      return unreadable(gateway, servers, error.description)
    }
  }

  private static func parse(_ bytes: [UInt8], _ gateway: Gateway, _ servers: [Server]) -> Look? {
    let fields = bytes.split(separator: 0, omittingEmptySubsequences: false).map {
      String(decoding: $0, as: UTF8.self)
    }
    // Three of the gateway, one for each base, the lines of others, `end`, and nothing behind the last NUL.
    guard fields.count == 3 + servers.count + 3, fields[fields.count - 2] == "end", fields.last == "",
      fields[1] == "-" || fields[1].utf8.count == 64, ["begun", "ended"].contains(fields[2])
    else { return nil }
    let lines = fields[3 + servers.count].split(whereSeparator: \.isNewline).map(String.init)
    let refusals = zip(servers, fields[3...]).map { ($0.place.name, Reading<String>.known($1)) }
    return Look(
      guest: gateway.login.guest,
      gateway: .known(
        GatewayState(
          unit: fields[0], sha256: fields[1] == "-" ? nil : fields[1], isUnfinished: fields[2] == "begun",
          claims: ForeignServers.claims(lines, against: gateway))),
      refusals: Dictionary(refusals) { first, _ in first })
  }

  // MARK: From outside

  /// What a server shows to fresh connections, one after another.
  func shown(by server: Server) async -> Reading<ServedLeaves> {
    await ServedLeaves.shown(
      at: TLSProbe.Target(
        address: server.address, port: UInt16(clamping: server.port), serverName: server.host))
  }
}
