import FoundationEssentials
import PhoenixCore
import PhoenixHost
import PhoenixNetwork

/// Makes a server in a guest serve the certificate in use: tested, loaded, proved by handshakes, or else the one
/// before is restored while it is still good.
struct CertificateActivation: Sendable {
  /// A fixed script in the guest, with what varies.
  struct Step: Sendable {
    /// What people call it, such as `nginx -t`.
    let name: String
    let script: String
    var arguments: [String] = []
  }

  let place: CertificatePlace
  let login: GuestLogin
  let shell: Shell
  let clock: HostClock
  let commandTimeout: Duration
  let proofTime: Duration
  /// Fails when the server would not take its configuration with the certificates that it names.
  let test: Step
  /// Makes it take them up.
  let load: Step
  /// Where it serves, for people.
  let endpoint: String
  /// Which certificates fresh connections are shown.
  let shown: @Sendable () async -> Reading<ServedLeaves>
  /// Who else is served with the certificate of this fingerprint: then the server has taken it up, and nothing is won
  /// by going back.
  var alsoShown: @Sendable (_ fingerprint: String) async -> String? = { _ in nil }

  private var base: String { place.base }
  private var target: ShellTarget { ShellTarget(login) }
  private var doing: String { "serve the new certificate of \(place.name) on \(login.endpoint)" }

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
    let before = await shown().value?.fingerprints.first
    var generations = try await read()
    if let refused = generations.refused, generations.leaf(of: refused) != nil {
      _ = try await shell.activate(
        generation: refused, base: base, on: target, timeout: commandTimeout)
      generations.current = refused
    }
    guard let leaf = generations.leaf(of: generations.current) else {
      throw Failure(.transient, doing: doing, got: "there is no certificate in \(base)/current")
    }
    do throws(Failure) {
      try await run(test)
      try await run(load)
      Failpoint.reach(.certificateActivated)
      try await prove(leaf.sha256)
      Failpoint.reach(.certificateProbed)
    } catch {
      if let other = await alsoShown(leaf.sha256) {
        throw account(
          error, "\(other) is served with it, so it stays: another server answers at \(endpoint)")
      }
      throw await rollBack(generations, served: before, because: error)
    }
    try await run(
      Step(name: "forget an old refusal", script: ActivationScripts.forgive, arguments: [base]))
  }

  /// Waits until three fresh connections in a row show the certificate.
  private func prove(_ fingerprint: String) async throws(Failure) {
    let end = clock.uptime() + proofTime
    var last: Reading<ServedLeaves>
    repeat {
      last = await shown()
      if last.value?.fingerprints == [fingerprint] { return }
      await clock.sleep(clock.boot() + .milliseconds(250))
      if Task.isCancelled { break }
    } while clock.uptime() < end
    let shown = last.value.map { $0.trouble ?? $0.fingerprints.joined(separator: ", ") }
    throw Failure(
      .transient, doing: doing, expected: fingerprint,
      got: "\(endpoint) still shows \(shown ?? last.unreadableReason ?? "nothing")")
  }

  /// Restores the generation that was served before, when that is known and good, or else the newest good one.
  private func rollBack(_ generations: Generations, served: String?, because failure: Failure) async
    -> Failure
  {
    let now = clock.wall()
    let candidates = generations.all.filter {
      $0.name != generations.current && $0.leaf.notBefore <= now && now < $0.leaf.notAfter
    }
    guard let former = candidates.first(where: { $0.leaf.sha256 == served }) ?? candidates.first else {
      return account(failure, "no certificate from before is still valid, so the new one stays in its place")
    }
    do throws(Failure) {
      try await run(
        Step(
          name: "note the refusal", script: ActivationScripts.refuse,
          arguments: [base, generations.current, former.name]))
      _ = try await shell.activate(
        generation: former.name, base: base, on: target, timeout: commandTimeout)
      try await run(test)
      try await run(load)
    } catch {
      return account(failure, "the one before could not be loaded either: \(error.got)")
    }
    return account(failure, "the one before is restored, and valid until \(former.leaf.notAfter.utcText)")
  }

  /// Transient, with backoff: what stands in the way is the server's configuration, which may be mended any time.
  private func account(_ failure: Failure, _ state: String) -> Failure {
    Failure(
      .transient, doing: doing, expected: failure.expected, got: "\(failure.got); \(state)",
      hint: failure.hint ?? "\(test.name) in the guest tells what is wrong", endpoint: failure.endpoint)
  }

  // MARK: In the guest

  private func run(_ step: Step) async throws(Failure) {
    let result = try await shell.run(
      target, argv: ["sh", "-c", step.script, "phoenix"] + step.arguments, timeout: commandTimeout)
    guard result.status.isSuccess else {
      throw Failure(.transient, doing: doing, got: "\(step.name): \(result.account)")
    }
  }

  private func read() async throws(Failure) -> Generations {
    try RemotePath.check(base)
    let result = try await shell.run(
      target, argv: ["sh", "-c", ActivationScripts.generations, "phoenix", base], timeout: commandTimeout,
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
