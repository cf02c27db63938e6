import PhoenixCore
import PhoenixHost

/// Makes a guest by cloning another one.
///
/// It may be killed at any step and run again: a task that may be under way is looked for before another one is asked
/// for, and waited for.
struct GuestCreator: Sendable {
  let api: Proxmox.API
  let journal: TaskJournal
  let clock: HostClock
  let vmid: Int
  let wanted: Proxmox.DesiredGuest

  /// A node's clock may be behind this machine's.
  private static let skew = Duration.seconds(-120)

  private var doing: String { "make guest \(vmid)" }

  /// Makes it, unless it is there.
  ///
  /// - Parameter source: What it is cloned from.
  /// - Throws: What Proxmox, or the task there, said.
  func clone(_ source: Int) async throws(Failure) {
    try await finishEarlier()
    let guests = try await api.guests()
    if guests[vmid] == nil {
      guard let origin = guests[source], origin.kind == wanted.kind else {
        throw Failure(
          .conflict, doing: doing, got: "guest \(source), which it is cloned from, is gone or another one")
      }
      try await begin(source, origin)
    }
    try await journal.set(nil, for: vmid)
  }

  /// Waits for what an earlier attempt has asked for. How that ended decides nothing: whether the guest is there does.
  private func finishEarlier() async throws(Failure) {
    guard let entry = try await journal.entry(for: vmid) else { return }
    let ids: [String] = if let id = entry.id { [id] } else { try await lookFor(entry) }
    for id in ids {
      do throws(Failure) {
        try await ProxmoxTask.wait(id, doing: doing, api: api)
      } catch {
        // The trouble of the way there is ours; the task's own is not.
        guard error.endpoint == nil else { throw error }
      }
    }
  }

  /// The tasks that may be the one whose name never reached us. Others who clone the same guest make us wait, no more.
  private func lookFor(_ entry: TaskJournal.Entry) async throws(Failure) -> [String] {
    let tasks = try await api.data(.tasks(entry, since: entry.asked + Self.skew))?.elements ?? []
    return tasks.compactMap { $0["upid"]?.string }
  }

  private func begin(_ source: Int, _ origin: Proxmox.ListedGuest) async throws(Failure) {
    let canLink = try await canLink(source, origin)
    do throws(Failure) {
      try await begin(source, origin, isFull: !canLink)
    } catch {
      // Not every storage can.
      guard canLink, error.got.contains("inked clone feature") else { throw error }
      try await begin(source, origin, isFull: true)
    }
  }

  private func begin(
    _ source: Int, _ origin: Proxmox.ListedGuest, isFull: Bool
  ) async throws(Failure) {
    var entry = TaskJournal.Entry(
      node: origin.node, subject: source, type: wanted.kind.cloneTask, asked: clock.wall(), id: nil)
    try await journal.set(entry, for: vmid)
    Failpoint.reach(.taskRecorded)
    let answer: Node?
    do throws(Failure) {
      answer = try await api.data(.clone(source, origin, to: vmid, wanted, isFull: isFull))
    } catch {
      // What was refused was not begun.
      if error.persistence != .transient { try await journal.set(nil, for: vmid) }
      throw error
    }
    Failpoint.reach(.taskBegun)
    guard let id = answer?.string else { return }
    entry.id = id
    try await journal.set(entry, for: vmid)
    Failpoint.reach(.taskNamed)
    try await ProxmoxTask.wait(id, doing: "clone guest \(source) to \(vmid)", api: api)
  }

  /// A template on the storage that is wanted can share its disk with its clones.
  private func canLink(_ source: Int, _ origin: Proxmox.ListedGuest) async throws(Failure) -> Bool {
    let live = try await api.configuration(of: source, origin)
    let volume = live.systemDisk(wanted.kind).flatMap { live.parts($0).unnamed }
    let storage = volume?.split(separator: ":").first.map(String.init)
    return live["template"] == "1" && (wanted.storage == nil || wanted.storage == storage)
  }
}

extension Proxmox.GuestKind {
  /// What Proxmox calls the task that clones one.
  fileprivate var cloneTask: String {
    switch self {
    case .container: "vzclone"
    case .machine: "qmclone"
    }
  }
}
