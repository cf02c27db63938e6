import PhoenixCore
public import PhoenixHost
import PhoenixNetwork

extension Proxmox.Keys {
  /// Reads the token from the credentials, and the root from the configuration directory or the machine's own
  /// roots, each time anew: both may be replaced while the daemon runs.
  ///
  /// - Parameters:
  ///   - credentials: Where the token is.
  ///   - configurationDirectory: Where `proxmox.ca_file` is looked for.
  /// - Returns: The way to read them.
  public static func files(credentials: Credentials, configurationDirectory: String) -> Proxmox.Keys {
    let files = KeyFiles(credentials, configurationDirectory)
    return Proxmox.Keys(
      token: { name throws(Failure) in try await files.token(name) },
      trust: { file throws(Failure) in try await files.trust(file) })
  }
}

/// Reads files on a queue of its own.
private actor KeyFiles {
  private static let machineRoots = "/etc/ssl/certs/ca-certificates.crt"
  private static let limit = 4 << 20

  private let executor = QueueExecutor(label: "phoenix.proxmox.keys")
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
  private let credentials: Credentials
  private let directory: String

  init(_ credentials: Credentials, _ directory: String) {
    self.credentials = credentials
    self.directory = directory
  }

  func token(_ name: String) throws(Failure) -> Secret { try credentials.secret(name) }

  func trust(_ file: String?) throws(Failure) -> TLSTrust {
    let path = file.map { $0.hasPrefix("/") ? $0 : "\(directory)/\($0)" } ?? Self.machineRoots
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try AtomicFile.read(path, limit: Self.limit)
    } catch {
      let failure = error.failure(doing: "read the root that Proxmox's certificate is checked against")
      throw Failure(
        failure.persistence, doing: failure.doing, got: failure.got,
        hint: "put a copy of /etc/pve/pve-root-ca.pem there, or set proxmox.ca_file in phoenixd.json")
    }
    return TLSTrust(rootsPEM: String(decoding: bytes, as: UTF8.self))
  }
}
