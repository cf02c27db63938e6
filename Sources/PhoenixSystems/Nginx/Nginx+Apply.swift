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
    try await Activation(system: self, gateway: gateway, host: host, shell: shell).run()
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
        memory: gateway.layout.memory, files: [file], test: NginxScripts.test, load: NginxScripts.load),
      on: ShellTarget(gateway.login), timeout: commandTimeout)
  }
}
