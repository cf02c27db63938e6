import PhoenixCore
import PhoenixNetwork

/// What is asked about one guest, and done to it.
extension Proxmox.API.Request {
  /// The configuration, for its digest.
  static func configuration(_ vmid: Int, _ guest: Proxmox.ListedGuest) -> Self {
    Self(
      .get, "\(path(vmid, guest))/config", doing: "read the configuration of guest \(vmid)",
      privilege: "VM.Audit on /vms/\(vmid)")
  }

  static func status(_ vmid: Int, _ guest: Proxmox.ListedGuest) -> Self {
    Self(
      .get, "\(path(vmid, guest))/status/current", doing: "ask whether guest \(vmid) runs",
      privilege: "VM.Audit on /vms/\(vmid)")
  }

  /// Writes keys. Proxmox refuses it when somebody else wrote after the digest was read.
  static func configure(
    _ vmid: Int, _ guest: Proxmox.ListedGuest, _ fields: Fields, digest: String?
  ) -> Self {
    let names = fields.map(\.name).joined(separator: ", ")
    return Self(
      .put, "\(path(vmid, guest))/config", fields: fields + (digest.map { [("digest", $0)] } ?? []),
      doing: "set \(names) of guest \(vmid)",
      privilege: "VM.Config.{CPU,Memory,Disk,Network,Options,Cloudinit} on /vms/\(vmid)")
  }

  static func resize(_ vmid: Int, _ guest: Proxmox.ListedGuest, disk: String, gibibytes: Int) -> Self {
    Self(
      .put, "\(path(vmid, guest))/resize", fields: [("disk", disk), ("size", "\(gibibytes)G")],
      doing: "make \(disk) of guest \(vmid) \(gibibytes) GiB",
      privilege: "VM.Config.Disk on /vms/\(vmid), and Datastore.AllocateSpace on its storage")
  }

  static func start(_ vmid: Int, _ guest: Proxmox.ListedGuest) -> Self {
    Self(
      .post, "\(path(vmid, guest))/status/start", doing: "start guest \(vmid)",
      privilege: "VM.PowerMgmt on /vms/\(vmid)")
  }

  /// Asks the guest to stop, and after that time makes it.
  static func shutdown(_ vmid: Int, _ guest: Proxmox.ListedGuest) -> Self {
    Self(
      .post, "\(path(vmid, guest))/status/shutdown",
      fields: [("timeout", "\(shutdownSeconds)"), ("forceStop", "1")],
      doing: "stop guest \(vmid)", privilege: "VM.PowerMgmt on /vms/\(vmid)")
  }

  /// Less than an action may take.
  private static let shutdownSeconds = 60

  /// Removes it, with what refers to it. Disks that it does not name are left alone.
  static func delete(_ vmid: Int, _ guest: Proxmox.ListedGuest) -> Self {
    Self(
      .delete, path(vmid, guest), fields: [("purge", "1"), ("destroy-unreferenced-disks", "0")],
      doing: "delete guest \(vmid)", privilege: "VM.Allocate on /vms/\(vmid)")
  }

  static func reboot(_ vmid: Int, _ guest: Proxmox.ListedGuest) -> Self {
    Self(
      .post, "\(path(vmid, guest))/status/reboot", doing: "restart guest \(vmid)",
      privilege: "VM.PowerMgmt on /vms/\(vmid)")
  }

  /// Makes a guest out of another one. A clone that shares the disk of its source is on the same storage.
  static func clone(
    _ source: Int, _ origin: Proxmox.ListedGuest, to vmid: Int, _ wanted: Proxmox.DesiredGuest, isFull: Bool
  ) -> Self {
    var fields: Fields = [
      ("newid", "\(vmid)"), (wanted.kind == .container ? "hostname" : "name", wanted.name),
    ]
    fields.append(("full", isFull ? "1" : "0"))
    if isFull, let storage = wanted.storage { fields.append(("storage", storage)) }
    return Self(
      .post, "\(path(source, origin))/clone", fields: fields, doing: "clone guest \(source) to \(vmid)",
      privilege:
        "VM.Clone on /vms/\(source), VM.Allocate on /vms/\(vmid), and Datastore.AllocateSpace on its storage")
  }

  /// The tasks like one that was asked for, on its node.
  static func tasks(_ entry: TaskJournal.Entry, since: WallTime) -> Self {
    Self(
      .get, "/nodes/\(entry.node)/tasks",
      fields: [
        ("source", "all"), ("vmid", "\(entry.subject)"), ("typefilter", entry.type),
        ("since", "\(since.seconds)"),
      ], doing: "look for the task that clones guest \(entry.subject)",
      privilege: "Sys.Audit on /nodes/\(entry.node)")
  }

  static func taskStatus(_ task: String, _ node: String, doing: String) -> Self {
    Self(
      .get, "/nodes/\(node)/tasks/\(task)/status", doing: doing, privilege: "Sys.Audit on /nodes/\(node)")
  }
}
