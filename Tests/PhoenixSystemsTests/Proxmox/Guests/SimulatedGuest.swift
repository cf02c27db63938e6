import PhoenixCore

@testable import PhoenixSystems

/// A guest's configuration and power as Proxmox keeps them, in memory: what a running guest does not take up waits.
struct SimulatedGuest {
  struct Refusal: Error {
    let text: String
  }

  let kind: Proxmox.GuestKind
  private(set) var configuration: Proxmox.GuestConfiguration
  private(set) var status: String
  /// In seconds.
  private(set) var uptime = 1_000_000
  /// Whether a restart puts nothing in force.
  var isStubborn = false
  private var version = 0

  init(
    _ kind: Proxmox.GuestKind, _ configuration: Proxmox.GuestConfiguration, status: String = "running"
  ) {
    self.kind = kind
    self.configuration = configuration
    self.status = status
  }

  var digest: String { "g\(version)" }

  /// Takes keys; nil takes one away.
  mutating func write(_ fields: [String: String?], digest: String?) throws(Refusal) {
    if let digest, digest != self.digest {
      throw Refusal(
        text: kind == .machine
          ? "checksum mismatch (file change by other user?)"
          : "detected modified configuration - file changed by other user? Try again.")
    }
    version += 1
    for (key, value) in fields {
      if status == "running", waits(key) {
        configuration.pending[key] = configuration.current[key] == value ? nil : .some(value)
      } else {
        configuration.current[key] = value
      }
    }
  }

  mutating func resize(_ disk: String, _ size: String) throws(Refusal) {
    guard let old = configuration.current[disk], let wanted = DiskSize(size),
      let now = PropertyString(old)["size"].flatMap({ DiskSize($0) })
    else { throw Refusal(text: "no such disk") }
    guard wanted.bytes > now.bytes else { throw Refusal(text: "disk is already at specified size") }
    var parts = PropertyString(old)
    parts["size"] = size
    configuration.current[disk] = parts.text
    version += 1
  }

  mutating func start() throws(Refusal) {
    guard status == "stopped" else { throw Refusal(text: "guest is already running") }
    status = "running"
    uptime = 0
    configuration = configuration.stored
  }

  mutating func reboot() throws(Refusal) {
    guard status == "running" else { throw Refusal(text: "guest is not running") }
    uptime = 0
    if !isStubborn { configuration = configuration.stored }
  }

  /// Has a value wait for a restart.
  mutating func wait(_ key: String, _ value: String, insteadOf current: String) {
    configuration.current[key] = current
    configuration.pending[key] = .some(value)
  }

  mutating func stop() { status = "stopped" }

  private func waits(_ key: String) -> Bool {
    switch kind {
    case .container: ["features", "nameserver"].contains(key)
    case .machine: !["name", "onboot", "startup"].contains(key) && !key.hasPrefix("net")
    }
  }

  /// `GET .../pending`.
  var pendingJSON: String {
    let keys = Set(configuration.current.keys).union(configuration.pending.keys).sorted()
    let entries = keys.map { key -> String in
      var members = [#""key":"\#(key)""#]
      if let value = configuration.current[key] { members.append(#""value":"\#(value)""#) }
      if let waiting = configuration.pending[key] {
        members.append(waiting.map { #""pending":"\#($0)""# } ?? #""delete":1"#)
      }
      return "{\(members.joined(separator: ","))}"
    }
    return "[\(entries.joined(separator: ","))]"
  }
}
