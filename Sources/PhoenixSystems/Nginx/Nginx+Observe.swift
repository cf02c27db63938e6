import FoundationEssentials
public import PhoenixCore
import PhoenixHost
import PhoenixNetwork

extension Nginx {
  /// Looks at the gateway in one round trip, and at what it shows and answers from outside.
  public func observe(_ scope: ObservationScope, desired: Desired) async -> Observed {
    guard let gateway = desired.gateway else { return Observed() }
    // One name of a certificate stands for the others, so they are looked at together.
    let certificates = gateway.certificates.filter { certificate in
      gateway.hosts(of: certificate.name).contains { scope.includes($0.resource) }
    }
    guard !certificates.isEmpty || scope.includes(gateway.resource) else { return Observed() }
    let look = await self.look(at: gateway, certificates)
    var observed = Observed(gateway: look.gateway)
    let names = Set(certificates.map(\.name))
    let hosts = gateway.hosts.filter { names.contains($0.certificate.name) }
    let readings = await eachConcurrently(hosts, width: Self.width) { host in
      // Names of one certificate are loaded together, so their connections count together, too.
      let names = gateway.hosts(of: host.certificate.name).count
      return await shown(
        by: host.name, of: gateway, handshakes: (ServedLeaves.handshakes + names - 1) / names)
    }
    for certificate in certificates {
      observed.certificates[certificate.name] = CertificateState(
        refused: look.refusals[certificate.name] ?? .unreadable("its guest was not asked"))
    }
    for (host, reading) in zip(hosts, readings) {
      // Without knowing what was refused, what is shown says not what is wanted.
      let reason = observed.certificates[host.certificate.name]?.refused.unreadableReason
      observed.certificates[host.certificate.name]?.hosts[host.name] =
        reason.map { .unreadable($0) } ?? reading
    }
    if case .everything = scope {
      observed.stranger = await stranger(to: gateway)
      observed.answers = await answers(of: gateway, root: look.root)
    }
    return observed
  }

  // MARK: In the guest

  struct Look: Sendable, Equatable {
    var gateway: Reading<GatewayState>
    /// For each certificate the generation that was refused.
    var refusals: [String: Reading<String>] = [:]
    /// The roots that lie in the guest, in PEM.
    var root: String?
  }

  private func look(at gateway: Gateway, _ certificates: [CertificatePlace]) async -> Look {
    func unreadable(_ reason: String) -> Look {
      Look(
        gateway: .unreadable(reason),
        refusals: Dictionary(certificates.map { ($0.name, .unreadable(reason)) }) { first, _ in first })
    }
    do throws(Failure) {
      let arguments =
        [
          gateway.layout.memory, gateway.path, String(gateway.layout.httpPort), gateway.rootPath ?? "-",
          gateway.layout.mainFile,
        ] + certificates.map(\.base)
      let result = try await channel().run(
        ShellTarget(gateway.login), argv: ["sh", "-c", NginxScripts.look, "phoenix"] + arguments,
        timeout: commandTimeout)
      guard result.status.isSuccess, !result.stdoutTruncated else {
        return unreadable("\(gateway.login.endpoint): \(result.account)")
      }
      return Self.parse(result.stdout, gateway, certificates)
        ?? unreadable(
          "\(gateway.login.endpoint): an answer that cannot be understood; does the login shell of "
            + "\(gateway.login.user) print anything by itself?")
    } catch {
      return unreadable(error.description)
    }
  }

  /// Reads what `NginxScripts.look` printed; nil for an answer that cannot be understood.
  static func parse(
    _ bytes: [UInt8], _ gateway: Gateway, _ certificates: [CertificatePlace]
  ) -> Look? {
    let fields = bytes.split(separator: 0, omittingEmptySubsequences: false).map {
      String(decoding: $0, as: UTF8.self)
    }
    // Eight of nginx and our file, one for each base, what all files say, `end`, and nothing behind the last NUL.
    guard fields.count == 8 + certificates.count + 3, fields[fields.count - 2] == "end", fields.last == "",
      let files = ServiceFilesScript.parse(fields[3...4], paths: [gateway.path]),
      let root = Data(base64Encoded: fields[7])
    else { return nil }
    let refusals = zip(certificates, fields[8...]).map { certificate, generation in
      (certificate.name, generation.isEmpty ? Reading.absent : .known(generation))
    }
    let loaded = fields[6]
    guard ["-", "?"].contains(loaded) || loaded.utf8.count == 64 else { return nil }
    let lines = fields[8 + certificates.count].split(whereSeparator: \.isNewline).map(String.init)
    let others = ForeignServers(against: gateway)
    let state = GatewayState(
      unit: fields[0], isEnabled: fields[1] != "disabled", files: files,
      generation: fields[5].isEmpty ? nil : fields[5],
      loaded: loaded == "-" ? nil : loaded, claims: others.claims(lines), inherited: others.inherited(lines),
      client: gateway.upstream?.client.name, runsWith: mainFile(in: fields[2]))
    let trouble: String? =
      if loaded == "?" {
        "nginx does not say within 5 s which configuration it has loaded"
      } else if lines.last == NginxStatements.cut {
        "\(gateway.layout.mainFile) and what it includes are more than is read (\(NginxStatements.bounds))"
      } else {
        nil
      }
    return Look(
      gateway: trouble.map { .unreadable($0) } ?? .known(state),
      refusals: Dictionary(refusals) { first, _ in first },
      root: root.isEmpty ? nil : String(decoding: root, as: UTF8.self))
  }

  /// The main file that nginx was started with, by what its main process calls itself; nil when it named none.
  static func mainFile(in title: String) -> String? {
    let words = title.split(separator: " ")
    guard let flag = words.lastIndex(of: "-c") else { return nil }
    return words.dropFirst(flag + 1).first.map(String.init)
  }
}
