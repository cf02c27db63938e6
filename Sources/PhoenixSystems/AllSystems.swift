public import PhoenixCore
import PhoenixHost
import PhoenixNetwork

/// The systems that this Phoenix keeps.
public enum AllSystems {
  /// Mounts every system: one line each.
  ///
  /// - Parameters:
  ///   - settings: phoenixd.json.
  ///   - environment: What they look and act with.
  /// - Returns: Their hands, in the order of provisioning.
  public static func drivers(
    settings: DaemonSettings, environment: SystemEnvironment
  ) -> [any SystemDriver] {
    [
      Mounted(
        Proxmox(
          client: environment.http, keys: environment.proxmoxKeys(),
          width: settings.concurrency.requestsPerEndpoint)),
      Mounted(StepCA(client: environment.http, clock: environment.clock)),
      Mounted(
        Certificates(
          client: environment.http, keys: environment.certificateKeys(settings),
          stateDirectory: environment.stateDirectory, clock: environment.clock,
          width: settings.concurrency.certificates, commandTimeout: settings.timeouts.command,
          writes: environment.stateWrites)),
      Mounted(
        Nginx(
          shell: environment.shell(settings), clock: environment.clock,
          commandTimeout: settings.timeouts.command)),
    ]
  }
}

extension SystemEnvironment {
  /// How Proxmox reads the token and the roots.
  fileprivate func proxmoxKeys() -> Proxmox.Keys {
    Proxmox.Keys(
      token: { (name: String) async throws(Failure) -> Secret in try await secret(name) },
      trust: { (file: String?) async throws(Failure) -> TLSTrust in try await trust(file) })
  }

  /// How certificates are asked for and delivered.
  fileprivate func certificateKeys(_ settings: DaemonSettings) -> Certificates.Keys {
    Certificates.Keys(
      password: { (name: String) async throws(Failure) -> Secret in try await secret(name) },
      shell: shell(settings))
  }

  /// The channel to guests, with the key that the credentials hold now.
  fileprivate func shell(_ settings: DaemonSettings) -> @Sendable () async throws(Failure) -> Shell {
    let hosts = settings.shell.knownHosts.map { configurationPath($0) } ?? "\(stateDirectory)/known_hosts"
    let credentials = credentials
    let name = settings.shell.keyCredential
    let connectTimeout = settings.timeouts.connect
    let directory = runtimeDirectory
    return { () async throws(Failure) -> Shell in
      let key = try await Blocking.run { () throws(Failure) -> String in try credentials.path(name) }
      return Shell(
        ShellConfiguration(
          keyPath: key, knownHostsPath: hosts, controlDirectory: directory, connectTimeout: connectTimeout))
    }
  }
}
