import Glibc
import PhoenixEngine
import PhoenixHost
import PhoenixNetwork

/// A phoenixd of our own with its files, and the command that talks to it.
final class DaemonBench: Sendable {
  let directory = TemporaryDirectory()
  private let client = HTTPClient()

  init() {
    for name in ["etc", "state", "run", "credentials"] { mkdir(directory.file(name), 0o700) }
    declare(firewallOf: [1001])
  }

  /// Writes files that declare machines with a firewall each. No Proxmox answers at the address they name.
  func declare(firewallOf guests: [Int]) {
    let machines = guests.map { id in
      """
      {"vmid": \(id), "name": "guest-\(id)", "network_config": {"ip": "10.0.0.\(id % 200)/24", "gw": "10.0.0.1"},
       "firewall": {"enabled": true, "default_input_policy": "DROP", "default_output_policy": "ACCEPT", "rules": []}}
      """
    }
    write("phoenix_vm_configs.json", #"{"vms": [\#(machines.joined(separator: ",\n"))]}"#)
    write("phoenix_lxc_configs.json", #"{"lxc_configs": {}}"#)
    write("phoenix_hypervisor_config.json", "{}")
    write("phoenix_stacks_config.json", "{}")
    write("certificate-manifest.json", "[]")
    write("phoenixd.json", #"{"proxmox": {"endpoints": ["https://127.0.0.1:9"]}}"#)
  }

  func write(_ name: String, _ text: String) {
    try? AtomicFile.write(Array(text.utf8), to: directory.file("etc/\(name)"), mode: 0o644)
  }

  var adminSocket: String { directory.file("admin.sock") }
  var statusSocket: String { directory.file("status.sock") }

  /// Starts a daemon that listens on paths of its own, or on sockets that are passed to it.
  func daemon(
    sockets: [(name: String, descriptor: Int32)] = [], environment: [String: String] = [:]
  ) throws -> Child {
    let own = ["--admin-socket", adminSocket, "--status-socket", statusSocket]
    return try Child(
      "phoenixd",
      [
        "--config", directory.file("etc"), "--state", directory.file("state"), "--runtime",
        directory.file("run"), "--credentials", directory.file("credentials"),
      ] + (sockets.isEmpty ? own : []), environment: environment, sockets: sockets, directory: directory)
  }

  /// Starts a daemon and waits until it answers.
  func runningDaemon(environment: [String: String] = [:]) async throws -> Child {
    let daemon = try daemon(environment: environment)
    _ = await eventually {
      if daemon.ended != nil { return true }
      return (try? await get("/healthz").status) == 200
    }
    return daemon
  }

  /// Runs the command to its end.
  func phoenix(_ arguments: String..., socket: String? = nil, user: UInt32? = nil) async throws -> Child {
    try await phoenix(list: arguments, socket: socket, user: user)
  }

  /// The same, with the arguments as a list.
  func phoenix(list arguments: [String], socket: String? = nil, user: UInt32? = nil) async throws -> Child {
    let child = try Child(
      "phoenix",
      [
        "--config", directory.file("etc"), "--state", directory.file("state"), "--credentials",
        directory.file("credentials"), "--socket", socket ?? adminSocket,
      ] + arguments, directory: directory, user: user)
    _ = await child.end()
    return child
  }

  func get(_ path: String, at socket: String? = nil) async throws -> HTTPResponse {
    try await client.send(
      HTTPRequest(.get, "http://phoenix\(path)", label: "test"), unixSocket: socket ?? adminSocket)
  }

  func status() async throws -> StatusJSON? {
    WireJSON.decode(StatusJSON.self, from: try await get("/v1/status").body)
  }

  /// The guests whose firewalls are kept.
  func firewalls() async throws -> [String]? {
    try await status()?.resources.filter { $0.resource.contains("/firewall/") }.map { resource in
      String(resource.resource.split(separator: "/").last ?? "")
    }
  }

  func close() async { await client.shutdown() }
}

/// What tests look at of a status.
struct StatusJSON: Decodable {
  struct Resource: Decodable {
    let resource: String
    let state: String
  }
  let resources: [Resource]
}
