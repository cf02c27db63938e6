public import PhoenixCore
import PhoenixHost

extension Proxmox: SteerableSystem {
  /// Has a guest run, stop, start anew or go. The next look finds it.
  public func request(_ wish: Wish, for resource: ResourceID, observed: Observed) async throws(Failure) {
    let doing = "\(wish.rawValue) \(resource)"
    guard let vmid = Self.vmid(of: resource), resource.kind != Self.firewallKind else {
      throw Failure(.permanent, doing: doing, got: "only a guest can be told that")
    }
    // Where it is not known what was wanted before, this word begins anew.
    let before = await wishes.all().value?[vmid]
    let kept: GuestWish?
    switch (wish, before) {
    case (.start, _): kept = nil
    case (.stop, _): kept = .stopped
    case (.restart, _): kept = .restarted(since: clock.wall())
    case (.delete, .deleted): kept = before
    case (.delete, _): kept = .deleted(instead: before)
    case (.keep, .deleted(let instead)): kept = instead
    case (.keep, _): kept = before
    case (.renew, _): throw Failure(.permanent, doing: doing, got: "only certificates can be renewed")
    }
    try await wishes.set(kept, for: vmid)
  }

  /// The end of a guest, with what goes with it.
  static func deletion(_ vmid: Int, _ guest: DesiredGuest, _ live: GuestConfiguration) -> Change {
    Change(
      guestResource(vmid, guest.kind), .delete,
      fields: live.volumes.map { FieldChange($0.key, from: .text($0.value), to: nil) },
      reason: "`phoenix delete \(vmid)` wants it gone", risk: .destructive,
      hold: live["protection"] == "1"
        ? "it is protected; take protection off in its options in Proxmox, or `phoenix start \(vmid)` to keep it"
        : nil, isScheduled: true)
  }
}
