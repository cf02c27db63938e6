import PhoenixCore

extension Proxmox {
  /// A guest that stopped is started, but not one that somebody wants stopped. One that runs with less than what is
  /// written down is restarted, when that is allowed.
  static func powerChange(
    _ vmid: Int, _ guest: DesiredGuest, _ live: GuestConfiguration, _ listed: ListedGuest, _ wish: GuestWish?
  ) -> Change? {
    guard !guest.isTemplate, live["template"] != "1" else { return nil }
    switch (listed.status, wish) {
    case ("stopped", .stopped): return nil
    case ("stopped", _): return start(vmid)
    case ("running", .stopped):
      return Change(
        powerResource(vmid), .update,
        fields: [FieldChange("status", from: .text("running"), to: .text("stopped"))],
        reason: "`phoenix stop \(vmid)` wants it stopped", risk: .disruptive, isScheduled: true,
        isSelfContained: true)
    case ("running", .restarted):
      return Change(
        powerResource(vmid), .update,
        fields: [FieldChange("status", from: .text("running"), to: .text("restarted"))],
        reason: "`phoenix restart \(vmid)` wants it started anew", risk: .disruptive, isScheduled: true)
    case ("running", nil):
      let waiting = waitingFields(guest, live, listed)
      guard !waiting.isEmpty else { return nil }
      return Change(
        powerResource(vmid), .update, fields: waiting,
        reason: "it must start again to take up what was written", risk: .disruptive)
    default: return nil
    }
  }

  /// The start of a guest, also of one that is yet to be made.
  static func start(_ vmid: Int) -> Change {
    Change(
      powerResource(vmid), .update,
      fields: [FieldChange("status", from: .text("stopped"), to: .text("running"))], reason: "it does not run"
    )
  }

  /// A guest's power is ready when it runs.
  static func powerReadiness(_ vmid: Int, _ observed: Observed) -> Readiness {
    guard let listed = observed.guests.value?[vmid] else { return .unreadable("guest \(vmid) is not listed") }
    if listed.status == "running" { return .ready }
    let isWanted = observed.wishes.value?[vmid] == .stopped
    return .notReady(
      isWanted
        ? "`phoenix stop \(vmid)` stopped it; `phoenix start \(vmid)` ends that"
        : "guest \(vmid) is \(listed.status.escapedForTerminals)")
  }
}
