public import PhoenixCore
import PhoenixHost
import PhoenixNetwork

extension Certificates: ManagedSystem {
  /// Issues a certificate where one is needed, delivers it, puts its paths right, and runs its hook.
  ///
  /// A kill at any step is mended by doing it again: the key is on disk before it is signed, what was issued is
  /// on disk before it is delivered, and a delivery is whole or not there.
  public func apply(
    _ change: Change, desired: Desired, observed: Observed, facts: Facts
  ) async throws(Failure) {
    guard let wanted = desired.certificates[change.resource.name],
      let place = observed.places[wanted.name]?.value
    else {
      throw Failure(
        .transient, doing: "change \(change.resource)", got: "it was not looked at, or is no longer declared")
    }
    let need = CertificateNeed(
      wanted, place, kept: observed.kept[wanted.name]?.value, authority: Self.authority(desired, facts),
      admission: Admission(wanted, facts), renewal: observed.renewals[wanted.name], now: clock.wall())
    if let obstacle = need.obstacle {
      throw Failure(.permanent, doing: "put \(wanted.name) in its place", got: obstacle)
    }
    switch need.step {
    case .nothing: try await settle(wanted, place, need)
    case .issue:
      try await recordStanding(wanted, place)
      try await issueAhead(wanted, place, need, desired, facts)
      try await settle(wanted, place, need)
    case .replace:
      try await recordStanding(wanted, place)
      try await deliver(try await successor(wanted, need, desired, facts), wanted, place)
    case .deliver(let leaf): try await deliver(try await kept(leaf, of: wanted.name), wanted, place)
    }
    Failpoint.reach(.certificateCommitted)
  }

  // MARK: Issuing

  /// Notes what stands there where nothing is on record, as after the loss of the state directory: whoever uses it goes
  /// on showing it for a while, and doors keep no other leaf than a recorded one. Its key stays where it is.
  private func recordStanding(_ wanted: DesiredCertificate, _ place: Place) async throws(Failure) {
    guard !wanted.admissions.isEmpty, place.isPair, let leaf = place.leaf,
      try await journal.record(of: wanted.name).all.isEmpty
    else { return }
    let standing = CertificateRecord.Issued(
      chainPEM: leaf.pem, rootPEM: "", keySHA256: leaf.publicKeySHA256)
    try await journal.deliver(standing, of: wanted.name)
  }

  /// Has a successor issued and keeps it. The one in use is kept too: should its files be lost meanwhile, it is the
  /// one that the doors know.
  private func issueAhead(
    _ wanted: DesiredCertificate, _ place: Place, _ need: CertificateNeed, _ desired: Desired, _ facts: Facts
  ) async throws(Failure) {
    let held = try await journal.identity(try await journal.record(of: wanted.name).issued, of: wanted.name)
    if let held, held.leaf.fingerprint == place.leaf?.fingerprint {
      try await journal.deliver(held.record, of: wanted.name)
    }
    // One that waited in vain, and what a kill left.
    try await journal.dropOldKeys(of: wanted.name)
    _ = try await issue(wanted, need, succeeding: held, desired, facts)
  }

  /// What is to be delivered at once: what is kept, or else a new one.
  private func successor(
    _ wanted: DesiredCertificate, _ need: CertificateNeed, _ desired: Desired, _ facts: Facts
  ) async throws(Failure) -> Identity {
    let record = try await journal.record(of: wanted.name)
    let held = try await journal.identity(record.issued, of: wanted.name)
    let kept = [held, try await journal.identity(record.delivered, of: wanted.name)].compactMap { $0 }
    if let choice = need.choice(among: kept.map(\.leaf)),
      let chosen = kept.first(where: { $0.leaf == choice })
    {
      return chosen
    }
    return try await issue(wanted, need, succeeding: held, desired, facts)
  }

  private func issue(
    _ wanted: DesiredCertificate, _ need: CertificateNeed, succeeding held: Identity?, _ desired: Desired,
    _ facts: Facts
  ) async throws(Failure) -> Identity {
    let issuer = Issuer(
      system: self, wanted: wanted, desired: desired, root: try root(desired, facts), facts: facts)
    let urgent = need.cause == .emergency || need.cause == .expired
    return try await slots.with(urgent: urgent) { () async throws(Failure) in
      try await issuer.issue(succeeding: held, isRenewal: need.cause?.isRenewal ?? false)
    }
  }

  private func root(_ desired: Desired, _ facts: Facts) throws(Failure) -> Certificate {
    let host = desired.authority?.host ?? ""
    let reading = facts[FactKey("ca.root", of: host)]
    guard case .known(.text(let pem)) = reading, let root = try? Certificate(pem: pem) else {
      throw Failure(
        .transient, doing: "ask for a certificate",
        got: "Step-CA's root is not known: \(reading.unreadableReason ?? "it publishes none")",
        endpoint: desired.authority?.url)
    }
    return root
  }

  /// The successor that the doors know.
  private func kept(_ leaf: Leaf, of name: String) async throws(Failure) -> Identity {
    let record = try await journal.record(of: name)
    guard let kept = try await journal.identity(record.issued, of: name),
      kept.leaf.fingerprint == leaf.fingerprint
    else {
      throw Failure(.conflict, doing: "deliver \(name)", got: "what was let in is not kept any more")
    }
    return kept
  }

  // MARK: Delivering

  /// Delivers a certificate, as a generation of its own in a guest. Keys that nobody needs any more go before that:
  /// a kill after it leaves nothing to do, and they would stay.
  private func deliver(
    _ identity: Identity, _ wanted: DesiredCertificate, _ place: Place
  ) async throws(Failure) {
    try await journal.deliver(identity.record, of: wanted.name)
    Failpoint.reach(.certificateDeliveryRecorded)
    try await journal.dropOldKeys(of: wanted.name)
    guard let hands = try await hands(wanted) else { return }
    var generation = identity.generation
    if let current = place.generation, current == generation || current.hasPrefix("\(generation)-") {
      // It was delivered and somebody changed its files: a name is never used again for other content.
      generation = Self.successor(of: current, to: generation)
    }
    try await hands.adopt()
    Failpoint.reach(.certificateBeforeDelivery)
    try await hands.deliver(identity, generation: generation)
    Failpoint.reach(.certificateDelivered)
    try await hands.settle()
    try await runHook(wanted, place, generation, hands)
  }

  /// Puts right what is wrong about the files in use, and has their hook run.
  private func settle(
    _ wanted: DesiredCertificate, _ place: Place, _ need: CertificateNeed
  ) async throws(Failure) {
    guard let hands = try await hands(wanted) else { return }
    if need.isUnsettled { try await hands.settle() }
    if let generation = place.generation { try await runHook(wanted, place, generation, hands) }
  }

  private func runHook(
    _ wanted: DesiredCertificate, _ place: Place, _ generation: String, _ hands: GuestHands
  ) async throws(Failure) {
    guard let hook = wanted.hook, place.hooked != generation else { return }
    try await hands.run(hook: hook, generation: generation)
  }

  /// The way to its files; nil for phoenixd's own, which the record is.
  private func hands(_ wanted: DesiredCertificate) async throws(Failure) -> GuestHands? {
    guard case .guest(let place, let login) = wanted.destination else { return nil }
    return GuestHands(shell: try await keys.shell(), place: place, login: login, timeout: commandTimeout)
  }

  private static func successor(of current: String, to generation: String) -> String {
    // It is what the guest says: a number that nobody has counted to begins anew.
    let said = Int(current.dropFirst(generation.count + 1)) ?? 1
    let number = (1..<1_000_000).contains(said) ? said : 1
    return "\(generation)-\(number + 1)"
  }
}
