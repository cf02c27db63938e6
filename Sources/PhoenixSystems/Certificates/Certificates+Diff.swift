public import PhoenixCore

extension Certificates: SystemModel {
  /// `certificates`.
  public static var name: SystemName { .certificates }

  /// What certificates need, out of what stands in the guests and the authority's facts.
  public static func diff(desired: Desired, observed: Observed, facts: Facts, now: WallTime) -> [Change] {
    let authority = authority(desired, facts)
    return desired.certificates.values.sorted { $0.resource < $1.resource }.compactMap { wanted in
      guard let place = observed.places[wanted.name]?.value,
        observed.kept[wanted.name]?.unreadableReason == nil
      else { return nil }
      return CertificateNeed(
        wanted, place, kept: observed.kept[wanted.name]?.value, authority: authority,
        admission: Admission(wanted, facts), renewal: observed.renewals[wanted.name], now: now
      ).change()
    }
  }

  /// Ready when certificate and key are there and belong together.
  public static func ready(_ resource: ResourceID, desired: Desired, observed: Observed) -> Readiness {
    switch observed.places[resource.name] {
    case .known(let place):
      place.isPair ? .ready : .notReady("there is no certificate with its key yet")
    case .absent: .notReady("there is no certificate yet")
    case .unreadable(let reason): .unreadable(reason)
    case nil: .unreadable("it has not been looked at yet")
    }
  }

  /// `certificate.generation(NAME)`, `certificate.fingerprint(NAME)`, `certificate.notAfter(NAME)` in seconds
  /// since 1970; absent without a certificate that has its key. And the leaves that whoever has it may show,
  /// which the doors of those that open some ask for.
  public static func facts(of observed: Observed) -> [FactKey: Reading<FactValue>] {
    var facts: [FactKey: Reading<FactValue>] = [:]
    for (name, reading) in observed.places {
      let place = reading.value.flatMap { $0.isPair ? $0 : nil }
      let nothing: Reading<FactValue> = reading.unreadableReason.map { .unreadable($0) } ?? .absent
      facts[FactKey("certificate.generation", of: name)] =
        place?.generation.map { .known(.text($0)) } ?? nothing
      facts[FactKey("certificate.fingerprint", of: name)] =
        place?.leaf.map { .known(.text($0.fingerprint)) } ?? nothing
      facts[FactKey("certificate.notAfter", of: name)] =
        place?.leaf.map { .known(.number(Int($0.notAfter.seconds))) } ?? nothing
    }
    for (name, kept) in observed.kept {
      // An empty record says nothing of what doors let in: the state directory may have been lost.
      let recorded =
        kept.value.map { $0.recorded.isEmpty ? .absent : .known($0.recorded) } ?? kept.map(\.recorded)
      facts[.recordedFingerprints(name)] = recorded.map { .list($0.map(\.sha1)) }
      facts[.recordedLeaves(name)] = recorded.map { .list($0.map(\.pem)) }
      let leaves = observed.clientLeaves(name)
      facts[.clientFingerprints(name)] = leaves.map { .list($0.map(\.sha1)) }
      facts[.clientLeaves(name)] = leaves.map { .list($0.map(\.pem)) }
    }
    return facts
  }

  /// Unreadable when no guest answered.
  public static func health(of observed: Observed) -> SystemHealth {
    let places = troubles(observed.places)
    let all = places + troubles(observed.kept)
    guard let first = all.first else { return .readable }
    let text = all.count == 1 ? first : "\(first) (and \(all.count - 1) more)"
    return places.count == observed.places.count ? .unreadable(text) : .partly(text)
  }

  private static func troubles<Value>(_ readings: [String: Reading<Value>]) -> [String] {
    readings.sorted { $0.key < $1.key }.compactMap { name, reading in
      reading.unreadableReason.map { "\(name): \($0)" }
    }
  }

  /// Certificates that wait for their consumer, or for the doors that they open.
  public static func findings(desired: Desired, observed: Observed) -> [Finding] {
    desired.certificates.values.sorted { $0.resource < $1.resource }.compactMap { wanted in
      guard let place = observed.places[wanted.name]?.value, let leaf = place.leaf else { return nil }
      guard let refusal = place.activeRefusal else { return waiting(wanted, leaf, observed) }
      return Finding(
        .warning, resource: wanted.resource,
        "the new certificate (generation \(refusal.generation)) could not be taken up; "
          + "the one before serves until \(leaf.notAfter.utcText)",
        hint: "what stood in the way is told by the consumer's own resource: phoenix status")
    }
  }

  private static func waiting(
    _ wanted: DesiredCertificate, _ leaf: Leaf, _ observed: Observed
  ) -> Finding? {
    guard !wanted.admissions.isEmpty, observed.places[wanted.name]?.value?.isPair ?? false,
      let issued = observed.kept[wanted.name]?.value?.issued, issued.fingerprint != leaf.fingerprint
    else { return nil }
    let doors = wanted.admissions.map { String($0.subject.prefix { $0 != " " }) }.joined(separator: ", ")
    return Finding(
      .note, resource: wanted.resource,
      "a new certificate (SHA-1 \(issued.sha1)) is kept until it is let in by \(doors); the one before serves, "
        + "and is replaced at \(RenewalSchedule(name: wanted.name, leaf).emergency.utcText) at the latest",
      hint: "what stands in the way is told by their own resources: phoenix status")
  }

  /// What was looked at again is taken from the newer one, the rest stays.
  public static func merge(_ newer: Observed, into older: Observed, scope: ObservationScope) -> Observed {
    guard case .only(let resources) = scope else { return newer }
    var merged = older
    for name in resources.map(\.name) {
      merged.places[name] = newer.places[name]
      merged.renewals[name] = newer.renewals[name]
      merged.kept[name] = newer.kept[name]
    }
    return merged
  }

  /// None: a certificate that is lost is issued anew without loss.
  public static func identities(of observed: Observed) -> [ResourceID: String] { [:] }

  /// The next moment at which a certificate is due, about to expire, or expired.
  public static func nextDeadline(desired: Desired, observed: Observed, now: WallTime) -> WallTime? {
    let used = observed.places.compactMap { name, reading in reading.value?.leaf.map { (name, $0) } }
    let kept = observed.kept.compactMap { name, reading in reading.value?.issued.map { (name, $0) } }
    return (used + kept).compactMap { name, leaf in RenewalSchedule(name: name, leaf).next(after: now) }
      .min()
  }

  /// The guest's lane, or its own; what fails for all is the authority.
  public static func route(_ resource: ResourceID, desired: Desired) -> Route {
    var lane = resource.description
    if case .guest(_, let login) = desired.certificates[resource.name]?.destination { lane = login.lane }
    return Route(lane: lane, endpoint: desired.authority?.url ?? "step-ca")
  }

  static func authority(_ desired: Desired, _ facts: Facts) -> CertificateNeed.Authority {
    var authority = CertificateNeed.Authority()
    guard let host = desired.authority?.host else { return authority }
    if case .known(.text(let root)) = facts[FactKey("ca.fingerprint", of: host)] {
      authority.rootFingerprint = root
    }
    if case .known(.number(let skew)) = facts[FactKey("ca.skew", of: host)] { authority.skew = skew }
    return authority
  }
}
