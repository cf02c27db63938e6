public import PhoenixCore
import PhoenixHost

extension Nginx: ManagedSystem {
  /// Puts our file in force, or makes nginx serve the delivered certificate.
  public func apply(
    _ change: Change, desired: Desired, observed: Observed, facts: Facts
  ) async throws(Failure) {
    let shell = try await channel()
    if let guest = Int(change.resource.name), let gateway = desired.gateways[guest],
      gateway.resource == change.resource
    {
      return try await install(gateway, shell)
    }
    guard let server = desired.servers[change.resource.name], server.resource == change.resource else {
      throw Failure(.transient, doing: "change \(change.resource)", got: "it is no longer declared")
    }
    try await CertificateActivation(
      place: server.place, login: server.login, shell: shell, clock: clock, commandTimeout: commandTimeout,
      proofTime: proofTime, test: CertificateActivation.Step(name: "nginx -t", script: NginxScripts.test),
      load: CertificateActivation.Step(name: "reload nginx", script: NginxScripts.load),
      endpoint: "\(server.address):\(server.port)", shown: { await shown(by: server) }
    ).run()
  }

  private func install(_ gateway: Gateway, _ shell: Shell) async throws(Failure) {
    try RemotePath.check(gateway.path)
    let result = try await shell.run(
      ShellTarget(gateway.login), argv: ["sh", "-c", NginxScripts.install, "phoenix", gateway.path],
      stdin: Array(gateway.text.utf8), timeout: commandTimeout)
    if result.status.isSuccess { return }
    let isRefused = result.status == .exited(6)
    throw Failure(
      isRefused ? .permanent : .transient, doing: "put \(gateway.path) in force on \(gateway.login.endpoint)",
      got: result.account,
      hint: isRefused ? "what was there before is back; what nginx says names the file to mend" : nil)
  }
}
