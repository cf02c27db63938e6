import PhoenixCore

extension Proxmox {
  /// What differs of guests: at most one change a configuration, and one of whether it runs.
  static func guestChanges(_ desired: Desired, _ observed: Observed) -> [Change] {
    desired.guests.sorted { $0.key < $1.key }.flatMap { vmid, guest -> [Change] in
      switch observed.configurations[vmid] {
      case .known(let live):
        guard let listed = observed.guests.value?[vmid], listed.kind == guest.kind, !live.isUnfinished else {
          return []
        }
        let configuration = configurationChange(vmid, guest, live, listed)
        // Who does not know what is wanted of it leaves its power alone.
        guard case .known(let wishes) = observed.wishes else { return [configuration].compactMap { $0 } }
        if wishes[vmid]?.isDeletion == true { return [deletion(vmid, guest, live)] }
        return [configuration, powerChange(vmid, guest, live, listed, wishes[vmid])].compactMap { $0 }
      case .absent:
        // Who does not know whether it is to be there makes none.
        guard case .known(let wishes) = observed.wishes else { return [] }
        return creation(vmid, guest, wishes[vmid])
      case .unreadable, nil: return []
      }
    }
  }

  /// A guest that is cloned, and then runs. Others are not made yet.
  private static func creation(_ vmid: Int, _ guest: DesiredGuest, _ wish: GuestWish?) -> [Change] {
    guard let source = guest.source, !guest.isTemplate, wish?.isDeletion != true else { return [] }
    let disk: [(String, FieldValue?)] = [
      ("clone_from", .number(source)), ("storage_pool", guest.storage.map { .text($0) }),
      ("disk_gb", guest.diskSize.map { .number($0) }),
    ]
    let settings = GuestDifference.new(guest).rows.map { ($0.field.field, $0.field.to) }
    return [
      Change(
        guestResource(vmid, guest.kind), .create,
        fields: (disk + settings).compactMap { name, value in
          value.map { FieldChange(name, from: nil, to: $0) }
        },
        reason: "it does not exist")
    ] + (wish == .stopped ? [] : [start(vmid)])
  }

  private static func configurationChange(
    _ vmid: Int, _ guest: DesiredGuest, _ live: GuestConfiguration, _ listed: ListedGuest
  ) -> Change? {
    let rows = GuestDifference(from: live.stored, to: guest, isRunning: listed.isRunning).rows
    guard let risk = rows.map(\.risk).max() else { return nil }
    let fields = rows.map(\.field)
    return Change(
      guestResource(vmid, guest.kind), .update, fields: fields, reason: reason(fields), risk: risk)
  }

  private static func reason(_ fields: [FieldChange]) -> String {
    let names = fields.map(\.field)
    guard let first = names.first, names.count > 1 else { return "\(names.first ?? "nothing") differs" }
    return names.count == 2
      ? "\(first) and \(names[1]) differ" : "\(first) and \(names.count - 1) more differ"
  }

  /// The fields of ours that are written down and not in force yet.
  static func waitingFields(
    _ guest: DesiredGuest, _ live: GuestConfiguration, _ listed: ListedGuest
  ) -> [FieldChange] {
    guard !live.pending.isEmpty else { return [] }
    let now = GuestDifference(from: live, to: guest, isRunning: listed.isRunning).rows
    let written = Set(
      GuestDifference(from: live.stored, to: guest, isRunning: listed.isRunning).rows.map(\.field.field))
    return now.filter { live.pending.keys.contains($0.setting.key) && !written.contains($0.field.field) }.map
    {
      FieldChange($0.field.field, from: $0.field.from, to: $0.field.to, pendingRestart: true)
    }
  }

  /// A guest's configuration is ready when the guest is there, and its power when it runs: what only waits for a
  /// restart, or for somebody's word, keeps nothing else waiting.
  static func readiness(
    of resource: ResourceID, _ vmid: Int, _ desired: Desired, _ observed: Observed
  ) -> Readiness {
    switch observed.configurations[vmid] {
    case .known(let live):
      if live.isUnfinished { return .notReady("guest \(vmid) is being made, or was left half made") }
      return resource.kind == powerKind ? powerReadiness(vmid, observed) : .ready
    case .absent:
      return .notReady(
        observed.wishes.value?[vmid]?.isDeletion == true
          ? "`phoenix delete \(vmid)` deleted it; `phoenix create \(vmid)` makes it anew"
          : "guest \(vmid) does not exist")
    case .unreadable(let reason): return .unreadable(reason)
    case nil: return .unreadable("guest \(vmid) has not been looked at yet")
    }
  }

  /// What is wrong with guests and cannot be set right by a write.
  static func guestFindings(_ desired: Desired, _ observed: Observed) -> [Finding] {
    desired.guests.sorted { $0.key < $1.key }.flatMap { vmid, guest -> [Finding] in
      let resource = guestResource(vmid, guest.kind)
      let name = "\(guest.name) (\(vmid))"
      switch observed.configurations[vmid] {
      case .absent where creation(vmid, guest, nil).isEmpty:
        return [
          Finding(
            .note, resource: resource, "guest \(name) does not exist, and Phoenix makes only clones",
            hint: "create it in Proxmox, or take it out of the files")
        ]
      case .known(let live):
        guard let listed = observed.guests.value?[vmid] else { return [] }
        return obstacles(guest, live, listed, name).map { Finding(.warning, resource: resource, $0) }
      default: return []
      }
    }
  }

  private static func obstacles(
    _ guest: DesiredGuest, _ live: GuestConfiguration, _ listed: ListedGuest, _ name: String
  ) -> [String] {
    var sentences = GuestDifference(from: live.stored, to: guest, isRunning: listed.isRunning).obstacles
    if guest.isTemplate != (live["template"] == "1") {
      sentences.append(
        guest.isTemplate
          ? "it is no template, and the files say that it is one"
          : "it is a template, and the files say that it runs")
    }
    if listed.status == "paused" { sentences.append("it is paused: resume it in Proxmox, or stop it") }
    return sentences.map { "guest \(name): \($0)" }
  }
}

extension Proxmox.ListedGuest {
  /// Whether it runs.
  var isRunning: Bool { status == "running" }
}
