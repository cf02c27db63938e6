public import PhoenixCore
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
          width: settings.concurrency.requestsPerEndpoint))
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
}
