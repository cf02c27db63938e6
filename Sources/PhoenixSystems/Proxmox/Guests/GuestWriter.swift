import PhoenixCore

/// Writes one guest's configuration, and starts it.
///
/// What was observed may be old, and a run before may have been killed half-way: everything is read again first, and a
/// write names the digest of what was read.
struct GuestWriter: Sendable {
  let api: Proxmox.API
  let vmid: Int
  let guest: Proxmox.ListedGuest

  private typealias Request = Proxmox.API.Request

  /// Writes what differs.
  ///
  /// - Parameters:
  ///   - wanted: What the configuration should be.
  ///   - risk: The most that may be risked.
  /// - Throws: What Proxmox said; a conflict when it would be more than that.
  func configure(_ wanted: Proxmox.DesiredGuest, allowing risk: Risk) async throws(Failure) {
    let doing = "configure guest \(vmid)"
    let digest = try await digest()
    let live = try await api.configuration(of: vmid, guest)
    let isRunning = try await status() == "running"
    let rows = GuestDifference(from: live.stored, to: wanted, isRunning: isRunning).rows
    guard rows.allSatisfy({ $0.risk <= risk }) else {
      throw Failure(.conflict, doing: doing, got: "it has become more than the plan said")
    }
    let fields = Self.fields(rows, live.stored)
    if !fields.isEmpty { _ = try await api.data(.configure(vmid, guest, fields, digest: digest)) }
    for row in rows {
      guard case .size(let disk, let gibibytes) = row.setting else { continue }
      try await finish(.resize(vmid, guest, disk: disk, gibibytes: gibibytes))
    }
  }

  /// Starts it, stops it, or starts it again to take up what was written.
  ///
  /// - Parameters:
  ///   - wanted: What the configuration should be.
  ///   - shouldStop: Whether somebody wants it stopped.
  ///   - risk: The most that may be risked.
  /// - Throws: What Proxmox, or the task there, said.
  func run(_ wanted: Proxmox.DesiredGuest, shouldStop: Bool, allowing risk: Risk) async throws(Failure) {
    switch (try await status(), shouldStop) {
    case ("stopped", true): return
    case ("stopped", false): try await finish(.start(vmid, guest))
    case ("running", true):
      guard risk >= .disruptive else { return }
      try await finish(.shutdown(vmid, guest))
    case ("running", false):
      let live = try await api.configuration(of: vmid, guest)
      guard risk >= .disruptive, !Proxmox.waitingFields(wanted, live, guest).isEmpty else { return }
      try await finish(.reboot(vmid, guest))
      // What Proxmox cannot put in force no further restart puts in force.
      let left = Proxmox.waitingFields(wanted, try await api.configuration(of: vmid, guest), guest).map(
        \.field)
      guard left.isEmpty else {
        throw Failure(
          .permanent, doing: "restart guest \(vmid)", expected: "it to take up what was written",
          got: "\(left.joined(separator: ", ")) still wait",
          hint: "the log of its start in Proxmox says why")
      }
    case (let status, _):
      throw Failure(
        .conflict, doing: "\(shouldStop ? "stop" : "start") guest \(vmid)",
        got: "it is \(status.escapedForTerminals)")
    }
  }

  /// Starts it anew.
  ///
  /// - Parameters:
  ///   - age: Not when it has started within this time.
  ///   - risk: The most that may be risked.
  /// - Throws: What Proxmox, or the task there, said.
  func restart(unlessWithin age: Duration, allowing risk: Risk) async throws(Failure) {
    let data = try await api.data(.status(vmid, guest))
    switch data?["status"]?.string {
    case "running":
      if let uptime = data?["uptime"]?.integer, .seconds(uptime) < age { return }
      guard risk >= .disruptive else {
        throw Failure(
          .conflict, doing: "restart guest \(vmid)", got: "it runs again, and may not be restarted")
      }
      try await finish(.reboot(vmid, guest))
    case "stopped": try await finish(.start(vmid, guest))
    case let status:
      throw Failure(
        .conflict, doing: "restart guest \(vmid)",
        got: "it is \((status ?? "in no state").escapedForTerminals)")
    }
  }

  /// Stops it, and removes it with its disks.
  ///
  /// - Throws: What Proxmox, or the task there, said.
  func delete() async throws(Failure) {
    if try await status() != "stopped" { try await finish(.shutdown(vmid, guest)) }
    try await finish(.delete(vmid, guest))
  }

  /// The keys with their new values; parts that are not ours stay.
  static func fields(
    _ rows: [GuestDifference.Row], _ live: Proxmox.GuestConfiguration
  ) -> Proxmox.API.Request.Fields {
    var values: [String: String] = [:]
    for row in rows {
      switch row.setting {
      case .value(let key, let value): values[key] = value
      case .part(let key, let name, let value):
        var parts = PropertyString(values[key] ?? live[key] ?? "")
        parts[name] = value
        values[key] = parts.text
      case .size: break
      }
    }
    return values.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  // MARK: Reading

  private func digest() async throws(Failure) -> String? {
    try await api.data(.configuration(vmid, guest))?["digest"]?.string
  }

  /// The list of guests lags by some seconds; this does not.
  private func status() async throws(Failure) -> String {
    let request = Request.status(vmid, guest)
    guard let status = try await api.data(request)?["status"]?.string else {
      throw Failure(.transient, doing: request.doing, expected: "a status", got: "something else")
    }
    return status
  }

  private func finish(_ request: Proxmox.API.Request) async throws(Failure) {
    try await ProxmoxTask.finish(request, api: api)
  }
}
