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
      let place = observed.places[wanted.place.name]?.value
    else {
      throw Failure(
        .transient, doing: "change \(change.resource)", got: "it was not looked at, or is no longer declared")
    }
    let authority = Self.authority(desired, facts)
    let need = CertificateNeed(
      wanted, place, authority: authority, renewal: observed.renewals[wanted.place.name], now: clock.wall())
    if let obstacle = need.obstacle {
      throw Failure(.permanent, doing: "put \(wanted.place.name) in its place", got: obstacle)
    }
    let shell = try await keys.shell()
    let hands = GuestHands(shell: shell, wanted: wanted, timeout: commandTimeout)
    var generation = place.generation
    if let cause = need.cause {
      let root = try root(desired, facts)
      let issued = try await issued(wanted, place, cause, desired, root, facts)
      // Before the delivery: a kill after it leaves nothing to do, and the old key would stay.
      try await journal.dropOldKeys(of: wanted.place.name)
      generation = try await deliver(issued, place, hands)
    }
    if need.cause != nil || need.isUnsettled { try await hands.settle() }
    if let generation, wanted.hook != nil, place.hooked != generation {
      try await hands.runHook(generation: generation)
    }
    Failpoint.reach(.certificateCommitted)
  }

  /// What is to be delivered: what was issued before and not delivered, or else a new one.
  private func issued(
    _ wanted: DesiredCertificate, _ place: Place, _ cause: CertificateNeed.Cause, _ desired: Desired,
    _ root: Certificate, _ facts: Facts
  ) async throws(Failure) -> Identity {
    let name = wanted.place.name
    let record = try await journal.record(of: name)
    let held = try await identity(record.issued, of: name)
    if let held, place.leaf?.fingerprint != held.chain.leaf.sha256 || cause == .keyMismatch {
      // By the local clock alone: a certificate that lies ready needs no authority.
      let need = CertificateNeed(
        wanted, place, authority: Self.authority(desired, facts), renewal: nil, now: clock.wall())
      if need.satisfies(Leaf(held.chain, rootsPEM: root.pem)) { return held }
    }
    let issuer = Issuer(system: self, wanted: wanted, desired: desired, root: root, facts: facts)
    let urgent = cause == .emergency || cause == .expired
    return try await slots.with(urgent: urgent) { () async throws(Failure) in
      try await issuer.issue(succeeding: held, isRenewal: cause.isRenewal)
    }
  }

  /// A certificate with its key.
  struct Identity: Sendable {
    var chain: CertificateChain
    var rootPEM: String
    var key: PrivateKey

    var record: CertificateRecord.Issued {
      CertificateRecord.Issued(chainPEM: chain.pem, rootPEM: rootPEM, keySHA256: key.publicKeySHA256)
    }

    var tls: TLSIdentity { TLSIdentity(certificateChainPEM: chain.pem, keyPEM: key.pem) }
  }

  /// What was issued last, when all of it is still there.
  private func identity(_ issued: CertificateRecord.Issued?, of name: String) async throws(Failure)
    -> Identity?
  {
    guard let issued, let chain = try? CertificateChain(pem: issued.chainPEM),
      let key = try await journal.key(issued.keySHA256, of: name), chain.leaf.matches(key)
    else { return nil }
    return Identity(chain: chain, rootPEM: issued.rootPEM, key: key)
  }

  /// Delivers a certificate as a generation of its own.
  private func deliver(
    _ identity: Identity, _ place: Place, _ hands: GuestHands
  ) async throws(Failure) -> String {
    var generation = identity.record.generation(notBefore: identity.chain.leaf.notBefore)
    if let current = place.generation, current == generation || current.hasPrefix("\(generation)-") {
      // It was delivered and somebody changed its files: a name is never used again for other content.
      generation = Self.successor(of: current, to: generation)
    }
    try await hands.adopt()
    Failpoint.reach(.certificateBeforeDelivery)
    try await hands.deliver(identity, generation: generation)
    Failpoint.reach(.certificateDelivered)
    return generation
  }

  private static func successor(of current: String, to generation: String) -> String {
    let number = Int(current.dropFirst(generation.count + 1)) ?? 1
    return "\(generation)-\(number + 1)"
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
}
