public import PhoenixCore
import PhoenixHost

/// The systems that this Phoenix keeps.
public enum AllSystems {
  /// Mounts every system: one entry each.
  ///
  /// - Parameters:
  ///   - settings: phoenixd.json.
  ///   - environment: What they look and act with.
  /// - Returns: Their hands, in the order of provisioning.
  public static func drivers(
    settings: DaemonSettings, environment: SystemEnvironment
  ) -> [any SystemDriver] {
    let shell = environment.shell(settings)
    return [
      Mounted(
        Proxmox(
          client: environment.http,
          keys: Proxmox.Keys(
            token: { name throws(Failure) in try await environment.secret(name) },
            trust: { file throws(Failure) in try await environment.trust(file) }),
          stateDirectory: environment.stateDirectory, clock: environment.clock,
          width: settings.concurrency.requestsPerEndpoint, writes: environment.stateWrites)),
      Mounted(StepCA(client: environment.http, clock: environment.clock)),
      Mounted(
        Certificates(
          client: environment.http,
          keys: Certificates.Keys(
            password: { name throws(Failure) in try await environment.secret(name) }, shell: shell),
          stateDirectory: environment.stateDirectory, clock: environment.clock,
          width: settings.concurrency.certificates, commandTimeout: settings.timeouts.command,
          writes: environment.stateWrites)),
      Mounted(
        DockerAPI(
          client: environment.http,
          identity: { name throws(Failure) in try await environment.identity(named: name) }, shell: shell,
          clock: environment.clock, commandTimeout: settings.timeouts.command)),
      Mounted(
        Nginx(
          client: environment.http, shell: shell, clock: environment.clock,
          commandTimeout: settings.timeouts.command)),
      Mounted(
        Traefik(
          client: environment.http,
          keys: Traefik.Keys(
            shell: shell,
            identity: { name throws(Failure) in try await environment.identity(named: name) }),
          commandTimeout: settings.timeouts.command)),
      Mounted(
        Swarm(
          client: environment.http,
          identity: { name throws(Failure) in try await environment.identity(named: name) })),
    ]
  }
}
