public import PhoenixCore
import PhoenixHost

extension Traefik: ManagedSystem {
  /// Puts a file of ours in force, sees to it that Traefik runs, or makes it read the certificates anew.
  public func apply(
    _ change: Change, desired: Desired, observed: Observed, facts: Facts
  ) async throws(Failure) {
    guard let proxy = desired.proxy, let state = observed.guest?.value else {
      throw Failure(.transient, doing: "change \(change.resource)", got: "its guest could not be looked at")
    }
    switch change.resource {
    case proxy.staticResource: try await keepStatic(proxy, state)
    case proxy.dynamicResource: try await install(proxy, state, facts)
    default:
      guard let server = desired.servers[change.resource.name], server.resource == change.resource else {
        throw Failure(.permanent, doing: "change \(change.resource)", got: "only its owner can change it")
      }
      // A file that is renamed into the directory makes Traefik read what it names.
      try await install(proxy, state, facts)
    }
  }

  private func keepStatic(_ proxy: Proxy, _ state: GuestState) async throws(Failure) {
    let (shell, target) = (try await keys.shell(), ShellTarget(proxy.login))
    guard state.staticFile.differences(from: [proxy.staticFile]).isEmpty, !state.staticFile.isTouched,
      state.otherFile(than: proxy.staticFile.path) == nil
    else {
      return try await shell.install(
        ServiceInstall(
          memory: proxy.layout.staticMemory, files: [proxy.staticFile], test: TraefikScripts.untested,
          load: TraefikScripts.restart), on: target)
    }
    let result = try await shell.run(
      target, argv: ["sh", "-c", TraefikScripts.start], timeout: commandTimeout)
    guard result.status.isSuccess else {
      throw Failure(
        .transient, doing: "start Traefik in \(proxy.login.name)", got: result.account,
        hint: "journalctl -u traefik in the guest tells what is wrong")
    }
  }

  private func install(_ proxy: Proxy, _ state: GuestState, _ facts: Facts) async throws(Failure) {
    let doing = "put \(proxy.layout.dynamicPath) in force on \(proxy.login.endpoint)"
    guard let file = Self.dynamicFile(proxy, state, facts) else {
      throw Failure(.transient, doing: doing, got: "what is known for it could not be read")
    }
    guard file.inputs.clients.values.contains(where: { !$0.isEmpty }) else {
      throw Failure(.transient, doing: doing, got: "none of its clients has a certificate yet")
    }
    let (shell, target) = (try await keys.shell(), ShellTarget(proxy.login))
    var paths: [String] = []
    for pair in file.pairs {
      for path in [pair.certificate, pair.key] { try RemotePath.check(path) }
      paths += [pair.certificate, pair.key]
    }
    let check = try await shell.run(
      target, argv: ["sh", "-c", TraefikScripts.pairs, "phoenix"] + paths, timeout: commandTimeout)
    guard check.status.isSuccess else {
      throw Failure(
        .transient, doing: doing, expected: "certificates with their keys", got: check.account,
        hint: "what was loaded before stays loaded")
    }
    try await shell.install(
      ServiceInstall(
        memory: proxy.layout.dynamicMemory, files: [file.wanted(proxy)], test: TraefikScripts.untested,
        load: TraefikScripts.watched), on: target)
  }
}
