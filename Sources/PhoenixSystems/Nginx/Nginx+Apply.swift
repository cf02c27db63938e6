public import PhoenixCore
import PhoenixHost

extension Nginx: ManagedSystem {
  /// Puts our file in force, or makes nginx serve the delivered certificate.
  public func apply(
    _ change: Change, desired: Desired, observed: Observed, facts: Facts
  ) async throws(Failure) {
    let shell = try await channel()
    if let gateway = desired.gateway, gateway.resource == change.resource {
      return try await install(gateway, facts, shell)
    }
    guard let gateway = desired.gateway,
      let host = gateway.hosts.first(where: { $0.resource == change.resource })
    else {
      throw Failure(.transient, doing: "change \(change.resource)", got: "it is no longer declared")
    }
    try await activation(of: host, gateway, shell).run()
  }

  /// For one of a certificate's names, and so for all of them.
  private func activation(of host: Host, _ gateway: Gateway, _ shell: Shell) -> CertificateActivation {
    CertificateActivation(
      place: host.certificate, login: gateway.login, shell: shell, clock: clock,
      commandTimeout: commandTimeout,
      proofTime: proofTime, test: CertificateActivation.Step(name: "nginx -t", script: NginxScripts.test),
      load: CertificateActivation.Step(name: "reload nginx", script: NginxScripts.load), endpoint: host.name,
      shown: { await shown(by: host.name, of: gateway) },
      alsoShown: { fingerprint in
        for other in gateway.hosts(of: host.certificate.name) where other != host {
          if await shown(by: other.name, of: gateway).value?.fingerprints == [fingerprint] {
            return other.name
          }
        }
        return nil
      })
  }

  private func install(_ gateway: Gateway, _ facts: Facts, _ shell: Shell) async throws(Failure) {
    let generation = Self.clientGeneration(of: gateway, facts)
    guard let generation = generation.value else {
      throw Failure(
        .transient, doing: "put \(gateway.path) in force on \(gateway.login.endpoint)",
        got: generation.unreadableReason ?? "its client certificate is not there yet")
    }
    let file = GatewayFile(gateway: gateway, generation: generation).file
    try await shell.install(
      ServiceInstall(
        memory: gateway.layout.memory, files: [file], test: NginxScripts.test, load: NginxScripts.keep),
      on: ShellTarget(gateway.login), timeout: commandTimeout)
  }
}
