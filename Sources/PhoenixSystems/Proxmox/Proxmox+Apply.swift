public import PhoenixCore
import PhoenixHost

extension Proxmox {
  /// More writes than any list needs: somebody else keeps writing it too.
  private static let stepLimit = 500
  /// So often in a row somebody else may be quicker. Whoever writes all the time leaves gaps; a write that is refused
  /// for another reason that Proxmox words the same way does not.
  private static let lostRaces = 10

  /// Makes a guest's firewall, its configuration or its power what it should be.
  public func apply(
    _ change: Change, desired: Desired, observed: Observed, facts: Facts
  ) async throws(Failure) {
    guard let vmid = Self.vmid(of: change.resource) else { return }
    let api = try await self.api(desired.access, timeout: limits.request)
    if change.resource.kind == Self.firewallKind {
      guard let firewall = desired.firewalls[vmid] else { return }
      return try await apply(firewall, to: vmid, groups: observed.knownGroups, api)
    }
    guard let wanted = desired.guests[vmid] else { return }
    if change.kind == .delete { return try await delete(vmid, wanted, api, allowing: change.risk) }
    if change.kind == .create, let source = wanted.source {
      try await GuestCreator(api: api, journal: tasks, clock: clock, vmid: vmid, wanted: wanted).clone(source)
    }
    let guest = try await locate(vmid, wanted.kind, api)
    let writer = GuestWriter(api: api, vmid: vmid, guest: guest)
    if change.resource.kind == Self.powerKind {
      try await setPower(of: vmid, wanted, writer, allowing: change.risk)
    } else {
      try await writer.configure(wanted, allowing: change.risk)
    }
  }

  /// Only while it is still wanted: whoever changed his mind is heard until the last moment.
  private func delete(
    _ vmid: Int, _ wanted: DesiredGuest, _ api: API, allowing risk: Risk
  ) async throws(Failure) {
    guard risk >= .destructive, await wishes.all().value?[vmid]?.isDeletion == true else { return }
    let guest = try await locate(vmid, wanted.kind, api)
    try await GuestWriter(api: api, vmid: vmid, guest: guest).delete()
  }

  /// A wish to start anew has come true when the guest has started since; it is forgotten then.
  private func setPower(
    of vmid: Int, _ wanted: DesiredGuest, _ writer: GuestWriter, allowing risk: Risk
  ) async throws(Failure) {
    let wish: GuestWish?
    switch await wishes.all() {
    case .known(let all): wish = all[vmid]
    case .absent: wish = nil
    case .unreadable(let reason):
      throw Failure(.transient, doing: "read what is wanted of guest \(vmid)", got: reason)
    }
    guard case .restarted(let since) = wish else {
      return try await writer.run(wanted, shouldStop: wish == .stopped, allowing: risk)
    }
    try await writer.restart(unlessWithin: clock.wall() - since, allowing: risk)
    try await wishes.set(nil, for: vmid)
  }

  /// Makes a guest's firewall what it should be, one write at a time, looking again before each.
  ///
  /// It begins with a look of its own: what was observed may be old, and the first write may have been made by
  /// a run that was killed.
  private func apply(
    _ firewall: DesiredFirewall, to vmid: Int, groups: [String: [Rule]], _ api: API
  ) async throws(Failure) {
    let guest = try await locate(vmid, firewall.kind, api)
    var live = try await read(vmid, guest, api)
    var races = 0
    for _ in 0..<Self.stepLimit {
      let decision = FirewallDecision(for: firewall, live: live, groups: groups)
      guard decision.hold == nil,
        let step = FirewallRuleListPlan.next(from: live, to: decision.target, groups: groups)
      else { return }
      let write = API.Request.write(step, vmid, guest, seen: live)
      do throws(Failure) {
        _ = try await api.data(write)
        races = 0
      } catch {
        guard error.persistence == .conflict, races < Self.lostRaces else { throw error }
        races += 1
        live = try await read(vmid, guest, api)
        continue
      }
      let after = try await read(vmid, guest, api)
      try await check(step, write, from: live, to: after) { live throws(Failure) in
        let undo = API.Request.write(.delete(0), vmid, guest, seen: live)
        _ = try await api.data(undo)
      }
      live = after
    }
    throw Failure(
      .transient, doing: "set the firewall of guest \(vmid)",
      got: "it is still not right after "
        + "\(Self.stepLimit) writes", hint: "somebody else keeps changing it; find out who")
  }

  /// Where the guest is now: it may have moved to another node since it was observed.
  private func locate(_ vmid: Int, _ kind: GuestKind, _ api: API) async throws(Failure) -> ListedGuest {
    guard let guest = try await api.guests()[vmid], guest.kind == kind else {
      throw Failure(
        .conflict, doing: "find guest \(vmid)", got: "it is gone, is another one, or the token may not see it"
      )
    }
    return guest
  }

  private func read(_ vmid: Int, _ guest: ListedGuest, _ api: API) async throws(Failure) -> LiveFirewall {
    let (options, rules) = (API.Request.options(vmid, guest), API.Request.rules(vmid, guest))
    let optionsData = try await api.data(options)
    let rulesData = try await api.data(rules)
    do throws(Unexpected) {
      return LiveFirewall(
        options: try Self.options(optionsData), optionsDigest: Self.digest(optionsData),
        rules: try Self.rules(rulesData), rulesDigest: Self.digest(rulesData))
    } catch {
      throw Failure(.transient, doing: rules.doing, expected: error.what, got: "something else")
    }
  }

  /// Stops when a rule that was inserted cannot be found again: Proxmox keeps it otherwise than we write it,
  /// and inserting it again and again would fill the list. What was inserted is taken out again.
  private func check(
    _ step: FirewallStep, _ write: API.Request, from before: LiveFirewall, to after: LiveFirewall,
    undo: (LiveFirewall) async throws(Failure) -> Void
  ) async throws(Failure) {
    guard case .insert(let rule) = step else { return }
    func count(_ live: LiveFirewall) -> Int { live.rules.count { $0.match == rule.match } }
    guard count(after) <= count(before) else { return }
    if after.rules.dropFirst().elementsEqual(before.rules) { try await undo(after) }
    throw Failure(
      .permanent, doing: write.doing, expected: "the rule in the list when it is read again",
      got: after.rules.first.map { "'\($0.match)' at the top" } ?? "an empty list",
      hint: "write the rule in the files as Proxmox shows it")
  }
}
