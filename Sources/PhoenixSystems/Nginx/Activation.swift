import FoundationEssentials
import PhoenixCore
import PhoenixHost
import PhoenixNetwork

/// Makes nginx serve the certificate in use for one of its names, and so for all of them: tested, loaded, proved by
/// handshakes, or else the one before is restored while it is still good.
struct Activation: Sendable {
  let system: Nginx
  let gateway: Nginx.Gateway
  let host: Nginx.Host
  let shell: Shell

  private var base: String { host.certificate.base }
  private var target: ShellTarget { ShellTarget(gateway.login) }
  private var doing: String {
    "serve the new certificate \(host.certificate.name) for \(host.name) on \(gateway.login.endpoint)"
  }

  /// The generations of a certificate in its guest.
  private struct Generations {
    struct Generation {
      let name: String
      let leaf: Certificate
    }

    var current: String
    /// A generation that was refused and whose predecessor is in use.
    var refused: String?
    /// The newest first.
    var all: [Generation]

    func leaf(of name: String) -> Certificate? { all.first { $0.name == name }?.leaf }
  }

  func run() async throws(Failure) {
    let before = await shown(host).value?.fingerprints.first
    var generations = try await read()
    if let refused = generations.refused, generations.leaf(of: refused) != nil {
      _ = try await shell.activate(
        generation: refused, base: base, on: target, timeout: system.commandTimeout)
      generations.current = refused
    }
    guard let leaf = generations.leaf(of: generations.current) else {
      throw Failure(.transient, doing: doing, got: "there is no certificate in \(base)/current")
    }
    do throws(Failure) {
      try await command(NginxScripts.test, "nginx -t")
      try await command(NginxScripts.load, "reload nginx")
      Failpoint.reach(.certificateActivated)
      try await prove(leaf.sha256)
      Failpoint.reach(.certificateProbed)
    } catch {
      if let other = await otherHost(showing: leaf.sha256) {
        throw account(
          error, "\(other) is served with it, so it stays: another server block answers to \(host.name)")
      }
      throw await rollBack(generations, served: before, because: error)
    }
    try await command(NginxScripts.forgive, "forget an old refusal", [base])
  }

  /// Waits until three fresh connections in a row show the certificate.
  private func prove(_ fingerprint: String) async throws(Failure) {
    let end = system.clock.uptime() + system.proofTime
    var last: Reading<Nginx.ServerState>
    repeat {
      last = await shown(host)
      if last.value?.fingerprints == [fingerprint] { return }
      await system.clock.sleep(system.clock.boot() + .milliseconds(250))
      if Task.isCancelled { break }
    } while system.clock.uptime() < end
    let shown = last.value.map { $0.trouble ?? $0.fingerprints.joined(separator: ", ") }
    throw Failure(
      .transient, doing: doing, expected: fingerprint,
      got: "\(host.name) is still shown \(shown ?? last.unreadableReason ?? "nothing")")
  }

  private func shown(_ host: Nginx.Host) async -> Reading<Nginx.ServerState> {
    await system.shown(by: host.name, of: gateway)
  }

  /// Another name of the certificate that shows it: then nginx has taken it up, and nothing is won by going back.
  private func otherHost(showing fingerprint: String) async -> String? {
    for other in gateway.hosts(of: host.certificate.name) where other != host {
      if await shown(other).value?.fingerprints == [fingerprint] { return other.name }
    }
    return nil
  }

  /// Restores the generation that was served before, when that is known and good, or else the newest good one.
  private func rollBack(_ generations: Generations, served: String?, because failure: Failure) async
    -> Failure
  {
    let now = system.clock.wall()
    let candidates = generations.all.filter {
      $0.name != generations.current && $0.leaf.notBefore <= now && now < $0.leaf.notAfter
    }
    guard let former = candidates.first(where: { $0.leaf.sha256 == served }) ?? candidates.first else {
      return account(failure, "no certificate from before is still valid, so the new one stays in its place")
    }
    do throws(Failure) {
      try await command(
        NginxScripts.refuse, "note the refusal", [base, generations.current, former.name])
      _ = try await shell.activate(
        generation: former.name, base: base, on: target, timeout: system.commandTimeout)
      try await command(NginxScripts.test, "nginx -t")
      try await command(NginxScripts.load, "reload nginx")
    } catch {
      return account(failure, "the one before could not be loaded either: \(error.got)")
    }
    return account(failure, "the one before is restored, and valid until \(former.leaf.notAfter.utcText)")
  }

  /// Transient, with backoff: what stands in the way is nginx's configuration, which may be mended any time.
  private func account(_ failure: Failure, _ state: String) -> Failure {
    Failure(
      .transient, doing: doing, expected: failure.expected, got: "\(failure.got); \(state)",
      hint: failure.hint ?? "nginx -t in the guest tells what is wrong", endpoint: failure.endpoint)
  }

  // MARK: In the guest

  private func command(_ script: String, _ what: String, _ arguments: [String] = []) async throws(Failure) {
    let result = try await shell.run(
      target, argv: ["sh", "-c", script, "phoenix"] + arguments, timeout: system.commandTimeout)
    guard result.status.isSuccess else {
      throw Failure(.transient, doing: doing, got: "\(what): \(result.account)")
    }
  }

  private func read() async throws(Failure) -> Generations {
    try RemotePath.check(base)
    let result = try await shell.run(
      target, argv: ["sh", "-c", NginxScripts.generations, "phoenix", base], timeout: system.commandTimeout,
      outputLimit: 1 << 22)
    let fields = result.stdout.split(separator: 0, omittingEmptySubsequences: false).map {
      String(decoding: $0, as: UTF8.self)
    }
    guard result.status.isSuccess, fields.count >= 5, fields.count.isMultiple(of: 2) == false,
      fields[fields.count - 2] == "end", !fields[0].isEmpty
    else {
      throw Failure(
        .transient, doing: doing, got: "the generations in \(base) cannot be read: \(result.account)")
    }
    var all: [Generations.Generation] = []
    for index in stride(from: 3, to: fields.count - 2, by: 2) {
      guard let data = Data(base64Encoded: fields[index + 1]),
        let chain = try? CertificateChain(pem: String(decoding: data, as: UTF8.self))
      else { continue }
      all.append(Generations.Generation(name: fields[index], leaf: chain.leaf))
    }
    let isActive = fields[2] == fields[0] && !fields[1].isEmpty
    return Generations(current: fields[0], refused: isActive ? fields[1] : nil, all: all)
  }
}
