public import PhoenixCore

extension StepCA: SystemModel {
  /// `step-ca`.
  public static var name: SystemName { .stepCA }

  /// Above this many seconds the difference of the clocks is a finding.
  static let alarmingSkew = 30
  /// Above this many seconds nothing is issued or delivered: one of the clocks is plainly wrong.
  static let refusedSkew = 300
  /// Less than this left of its own certificate: it renews itself when a third of 24 hours is left.
  private static let alarmingRest: Duration = .seconds(4 * 3600)

  /// Nothing: the authority is not ours to change.
  public static func diff(desired: Desired, observed: Observed, facts: Facts, now: WallTime) -> [Change] {
    []
  }

  /// Ready when it answers, is the pinned one, knows the provisioner, and agrees about the time.
  public static func ready(_ resource: ResourceID, desired: Desired, observed: Observed) -> Readiness {
    guard let access = desired.authority, access.resource == resource else {
      return .notReady("no such authority is declared")
    }
    switch observed.authority {
    case .unreadable(let reason): return .unreadable(reason)
    case .absent: return .unreadable("Step-CA has not been looked at yet")
    case .known(let authority):
      if let trouble = skewTrouble(authority) { return .notReady(trouble) }
      if authority.provisionerKeyID == nil { return .notReady(missingProvisioner(access)) }
      return .ready
    }
  }

  /// `ca.root(HOST)` as PEM, `ca.fingerprint(HOST)`, `ca.skew(HOST)` in seconds, `ca.provisioner(HOST)`: its key id.
  public static func facts(of observed: Observed) -> [FactKey: Reading<FactValue>] {
    guard let authority = observed.authority.value else { return [:] }
    return [
      FactKey("ca.root", of: authority.host): .known(.text(authority.rootPEM)),
      FactKey("ca.fingerprint", of: authority.host): .known(.text(authority.rootFingerprint)),
      FactKey("ca.skew", of: authority.host): .known(.number(authority.skew)),
      FactKey("ca.provisioner", of: authority.host): authority.provisionerKeyID.map { .known(.text($0)) }
        ?? .absent,
    ]
  }

  /// Unreadable when the authority did not answer, or is not the pinned one.
  public static func health(of observed: Observed) -> SystemHealth {
    observed.authority.unreadableReason.map { .unreadable($0) } ?? .readable
  }

  /// A clock that is off, a provisioner that is missing, a certificate of its own that is about to expire.
  public static func findings(desired: Desired, observed: Observed) -> [Finding] {
    guard let access = desired.authority, let authority = observed.authority.value else { return [] }
    var findings: [Finding] = []
    if abs(authority.skew) > alarmingSkew {
      let isRefused = abs(authority.skew) > refusedSkew
      findings.append(
        Finding(
          .warning, resource: access.resource,
          "this machine's clock is \(abs(authority.skew)) s \(authority.skew > 0 ? "behind" : "ahead of") Step-CA's"
            + (isRefused ? "; nothing is issued until they agree" : ""),
          hint: "compare both with a time server: timedatectl"))
    }
    if authority.provisionerKeyID == nil, access.provisioner != nil {
      let known = authority.provisioners.prefix(5).joined(separator: ", ")
      findings.append(
        Finding(
          .warning, resource: access.resource, missingProvisioner(access),
          hint: known.isEmpty ? "add one: step ca provisioner add" : "it has: \(known)"))
    }
    if let end = authority.serverNotAfter, end - authority.seen < alarmingRest {
      findings.append(
        Finding(
          .warning, resource: access.resource,
          "Step-CA's own certificate expires at \(end.utcText) and should have been renewed by itself",
          hint: "look at the CA's log, and restart it"))
    }
    return findings
  }

  /// The newer one: there is one authority, and it is always looked at whole.
  public static func merge(_ newer: Observed, into older: Observed, scope: ObservationScope) -> Observed {
    newer
  }

  /// None: losing the authority shows as unreadable.
  public static func identities(of observed: Observed) -> [ResourceID: String] { [:] }

  /// A lane of its own.
  public static func route(_ resource: ResourceID, desired: Desired) -> Route {
    Route(lane: "step-ca/\(resource.name)", endpoint: desired.authority?.url ?? "step-ca")
  }

  private static func skewTrouble(_ authority: Authority) -> String? {
    guard abs(authority.skew) > refusedSkew else { return nil }
    return "this machine's clock and Step-CA's differ by \(abs(authority.skew)) s"
  }

  private static func missingProvisioner(_ access: Access) -> String {
    guard let provisioner = access.provisioner else { return "no provisioner is named in phoenixd.json" }
    return "Step-CA has no provisioner \(provisioner.quotedForPeople) with a password"
  }
}
