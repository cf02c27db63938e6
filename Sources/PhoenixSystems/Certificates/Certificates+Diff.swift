public import PhoenixCore

extension Certificates: SystemModel {
  /// `certificates`.
  public static var name: SystemName { .certificates }

  /// What certificates need, out of what stands in the guests and the authority's facts.
  public static func diff(desired: Desired, observed: Observed, facts: Facts, now: WallTime) -> [Change] {
    let authority = authority(desired, facts)
    return desired.certificates.values.sorted { $0.place.resource < $1.place.resource }.compactMap { wanted in
      guard let place = observed.places[wanted.place.name]?.value else { return nil }
      return CertificateNeed(
        wanted, place, authority: authority, renewal: observed.renewals[wanted.place.name], now: now
      ).change(place)
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
  /// since 1970; absent without a certificate that has its key.
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
    return facts
  }

  /// Unreadable when no guest answered.
  public static func health(of observed: Observed) -> SystemHealth {
    let troubles = observed.places.sorted { $0.key < $1.key }.compactMap { name, reading in
      reading.unreadableReason.map { "\(name): \($0)" }
    }
    guard let first = troubles.first else { return .readable }
    let text = troubles.count == 1 ? first : "\(first) (and \(troubles.count - 1) more)"
    return troubles.count == observed.places.count ? .unreadable(text) : .partly(text)
  }

  /// Certificates that wait for their consumer.
  public static func findings(desired: Desired, observed: Observed) -> [Finding] {
    desired.certificates.values.sorted { $0.place.resource < $1.place.resource }.compactMap { wanted in
      let place = observed.places[wanted.place.name]?.value
      guard let refusal = place?.activeRefusal, let leaf = place?.leaf else { return nil }
      return Finding(
        .warning, resource: wanted.place.resource,
        "the new certificate (generation \(refusal.generation)) could not be taken up; "
          + "the one before serves until \(leaf.notAfter.utcText)",
        hint: "what stood in the way is told by the consumer's own resource: phoenix status")
    }
  }

  /// What was looked at again is taken from the newer one, the rest stays.
  public static func merge(_ newer: Observed, into older: Observed, scope: ObservationScope) -> Observed {
    guard case .only(let resources) = scope else { return newer }
    var merged = older
    for name in resources.map(\.name) {
      merged.places[name] = newer.places[name]
      merged.renewals[name] = newer.renewals[name]
    }
    return merged
  }

  /// None: a certificate that is lost is issued anew without loss.
  public static func identities(of observed: Observed) -> [ResourceID: String] { [:] }

  /// The next moment at which a certificate is due, about to expire, or expired.
  public static func nextDeadline(desired: Desired, observed: Observed, now: WallTime) -> WallTime? {
    observed.places.compactMap { name, reading in
      reading.value?.leaf.flatMap { RenewalSchedule(name: name, $0).next(after: now) }
    }.min()
  }

  /// The guest's lane; what fails for all is the authority.
  public static func route(_ resource: ResourceID, desired: Desired) -> Route {
    Route(
      lane: desired.certificates[resource.name]?.login.lane ?? resource.description,
      endpoint: desired.authority?.url ?? "step-ca")
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
