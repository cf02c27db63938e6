import PhoenixCore

/// What a certificate needs, out of what should be, what was seen, and the time. Pure.
struct CertificateNeed: Equatable {
  /// Why another certificate is needed, the plainest reason first.
  enum Cause: Equatable, Comparable {
    case missing, broken, keyMismatch, names, use, issuer, roots, expired, notYetValid, emergency, due, asked

    /// Whether the one there must not be used to ask for its successor.
    var isRenewal: Bool {
      switch self {
      case .emergency, .due, .asked: true
      default: false
      }
    }

    /// Whether it comes with time or by an operator's word, and is no drift.
    var isOfTime: Bool {
      switch self {
      case .expired, .emergency, .due, .asked: true
      default: false
      }
    }

    /// Whether a client can do its work all the same.
    var leavesUsable: Bool {
      switch self {
      case .names, .due, .asked: true
      default: false
      }
    }
  }

  /// What is to be done about the certificate itself.
  enum Step: Equatable {
    case nothing
    /// Its successor is delivered as soon as there is one.
    case replace
    /// Its successor is issued, and kept until the doors that it opens know it.
    case issue
    /// The successor that is kept is known at all doors.
    case deliver(Certificates.Leaf)
  }

  /// What the authority says of itself, as far as it is known.
  struct Authority: Equatable {
    var rootFingerprint: String?
    /// Its clock minus ours, in seconds.
    var skew = 0

    /// Small differences are none: a clock that is right would flutter.
    func time(_ now: WallTime) -> WallTime { abs(skew) > 30 ? now + .seconds(skew) : now }
  }

  /// Why another certificate is needed; nil when the one there will do.
  private(set) var cause: Cause?
  /// What is done about it.
  private(set) var step = Step.nothing
  /// The differences, for people.
  private(set) var fields: [FieldChange] = []
  /// Why the paths must not be touched.
  private(set) var obstacle: String?
  /// Whether something is wrong with paths, owners or permissions.
  private(set) var isUnsettled = false
  /// Whether the hook is still to be run.
  private(set) var needsHook = false

  /// Whether it can be met without the authority: what is to be delivered is kept, or only its files are put right.
  private(set) var isSelfContained = false

  private let wanted: Certificates.DesiredCertificate
  private let place: Certificates.Place
  private let authority: Authority
  private let admission: Admission
  private let renewal: String?
  private let time: WallTime

  init(
    _ wanted: Certificates.DesiredCertificate, _ place: Certificates.Place, kept: Certificates.Kept?,
    authority: Authority, admission: Admission, renewal: String?, now: WallTime
  ) {
    self.wanted = wanted
    self.place = place
    self.authority = authority
    self.admission = admission
    self.renewal = renewal
    time = authority.time(now)
    let causes = causes()
    cause = causes.min()
    if let refused = place.activeRefusal?.leaf, cause != .expired, satisfies(refused) {
      // It is issued and waits for its consumer: another one would fare no better.
      cause = nil
    }
    step = step(causes, kept)
    // While it waits for its doors there is nothing to be done about it.
    if step == .nothing { cause = nil }
    isSelfContained = isMet(with: kept)
    describe()
    if case .guest(let declared, _) = wanted.destination { settle(declared) }
    if wanted.hook != nil, cause == nil, place.isPair, place.hooked != place.generation {
      needsHook = true
      fields.append(
        FieldChange(
          "post_renewal_command", from: place.hooked.map { .text($0) }, to: place.generation.map { .text($0) }
        ))
    }
  }

  var isNothing: Bool { fields.isEmpty }

  /// The change; nil when nothing is needed.
  func change() -> Change? {
    guard !isNothing else { return nil }
    return Change(
      wanted.resource, cause == .missing ? .create : .update, fields: fields, reason: reason(),
      hold: obstacle,
      isScheduled: cause?.isOfTime ?? false, isSelfContained: isSelfContained)
  }

  private func isMet(with kept: Certificates.Kept?) -> Bool {
    switch step {
    case .nothing, .deliver: true
    case .issue: false
    case .replace: choice(among: [kept?.issued, kept?.delivered].compactMap { $0 }) != nil
    }
  }

  /// Whether a certificate would need no successor now.
  private func satisfies(_ leaf: Certificates.Leaf) -> Bool {
    leaf.fingerprint != renewal && causes(of: leaf).isEmpty
  }

  /// Whether a client can do its work with a certificate, although it may need a successor.
  private func isUsable(_ leaf: Certificates.Leaf) -> Bool { causes(of: leaf).allSatisfy(\.leavesUsable) }

  // MARK: Steps

  /// A client that works is not given a certificate that its doors would refuse. One that does not has nothing to
  /// lose, and near its end waiting would lose more.
  private func step(_ causes: [Cause], _ kept: Certificates.Kept?) -> Step {
    guard cause != nil else { return .nothing }
    guard admission.isAsked, causes.allSatisfy(\.leavesUsable) else { return .replace }
    guard let issued = kept?.issued, isOther(issued), satisfies(issued) else { return .issue }
    return admission.isOpen(to: issued) ? .deliver(issued) : .nothing
  }

  /// What is to be delivered at once of what is kept; nil when another one must be issued.
  ///
  /// While a successor waits for its doors, and the certificate in use is lost, that one brings the client back.
  ///
  /// - Parameter kept: What there is with its key, the newest first.
  /// - Returns: One of them.
  func choice(among kept: [Certificates.Leaf]) -> Certificates.Leaf? {
    let others = kept.filter(isOther)
    guard let newest = others.first(where: satisfies) else { return nil }
    guard admission.isAsked else { return newest }
    return others.first { admission.isOpen(to: $0) && isUsable($0) } ?? newest
  }

  /// Whether delivering it would put something else there than what stands there.
  private func isOther(_ leaf: Certificates.Leaf) -> Bool {
    leaf.fingerprint != place.leaf?.fingerprint || cause == .keyMismatch || cause == .roots
  }

  // MARK: Causes

  private func causes() -> [Cause] {
    if case .absent = place.certificate { return [.missing] }
    if case .dangling = place.certificate { return [.missing] }
    guard let leaf = place.leaf else { return [.broken] }
    var causes = causes(of: leaf)
    if leaf.publicKeySHA256 != place.keySHA256 { causes.append(.keyMismatch) }
    // Whoever reads the file beside it would trust others, too.
    if leaf.rootSHA256 != nil, !place.otherRoots.isEmpty { causes.append(.roots) }
    if leaf.fingerprint == renewal { causes.append(.asked) }
    return causes
  }

  private func causes(of leaf: Certificates.Leaf) -> [Cause] {
    var causes: [Cause] = []
    if leaf.names != wanted.names { causes.append(.names) }
    if let uses = leaf.uses, !uses.contains(wanted.use.extendedKeyUsage) { causes.append(.use) }
    if let root = authority.rootFingerprint, leaf.rootSHA256 != root { causes.append(.issuer) }
    if leaf.notBefore > time + .seconds(60), authority.rootFingerprint != nil { causes.append(.notYetValid) }
    switch RenewalSchedule(name: wanted.name, leaf).stage(at: time) {
    case .expired: causes.append(.expired)
    case .emergency: causes.append(.emergency)
    case .due: causes.append(.due)
    case .waiting: break
    }
    return causes
  }

  // MARK: Fields

  private mutating func describe() {
    guard let cause else { return }
    let leaf = place.leaf
    if leaf?.names != wanted.names {
      fields.append(FieldChange("names", from: leaf.map { .list($0.names) }, to: .list(wanted.names)))
    }
    if let leaf, leaf.publicKeySHA256 != place.keySHA256 {
      let there = place.keySHA256.map { _ in FieldValue.text("of another certificate") }
      fields.append(FieldChange("key", from: there, to: .text("its own")))
    }
    if let uses = leaf?.uses, !uses.contains(wanted.use.extendedKeyUsage) {
      fields.append(
        FieldChange("cert_type", from: .list(uses), to: .list([wanted.use.extendedKeyUsage])))
    }
    if let root = authority.rootFingerprint, let leaf, leaf.rootSHA256 != root {
      fields.append(
        FieldChange("issuer", from: .text(leaf.rootSHA256 ?? "not proved"), to: .text(root)))
    }
    if let root = leaf?.rootSHA256, !place.otherRoots.isEmpty {
      fields.append(FieldChange("ca_path", from: .list([root] + place.otherRoots), to: .list([root])))
    }
    var end = FieldValue.knownAfterApply
    if case .deliver(let kept) = step { end = .text(kept.notAfter.utcText) }
    fields.append(FieldChange("not_after", from: leaf.map { .text($0.notAfter.utcText) }, to: end))
    // Each step towards the end is news, so it belongs to what the change is.
    let stage = leaf.map { RenewalSchedule(name: wanted.name, $0).stage(at: time) } ?? .waiting
    if stage > .waiting {
      fields.append(FieldChange("renewal", from: nil, to: .text(stage.rawValue)))
    } else if cause == .asked {
      fields.append(FieldChange("renewal", from: nil, to: .text("asked for")))
    }
  }

  private func reason() -> String {
    let end = place.leaf?.notAfter.utcText ?? ""
    if case .deliver = step { return "the new certificate is admitted, to be delivered" }
    switch cause {
    case .missing: return "the certificate is missing"
    case .broken: return "its file holds no certificate"
    case .keyMismatch:
      return place.keySHA256 == nil ? "its key is missing" : "the key belongs to another certificate"
    case .names: return "its names differ"
    case .use: return "it may not be used as a \(wanted.use.rawValue)"
    case .issuer: return "its chain does not lead to the pinned root"
    case .roots: return "beside it lie roots that are not ours, which its reader would trust"
    case .expired: return "it has expired at \(end)"
    case .notYetValid: return "it is not valid yet"
    case .emergency: return "it is about to expire, at \(end)"
    case .due: return "its renewal is due; it expires at \(end)"
    case .asked: return "its renewal was asked for"
    case nil:
      return isUnsettled ? "its files are not as declared" : "the command after its renewal was not run"
    }
  }

  // MARK: Files

  private mutating func settle(_ declared: CertificatePlace) {
    var paths = [
      ("key_path", declared.keyPath, CertificatePlace.keyFile, place.key, declared.mode),
      ("cert_path", declared.certificatePath, CertificatePlace.certificateFile, place.certificate, .readable),
    ]
    if let path = declared.rootPath, let root = place.root {
      paths.append(("ca_path", path, CertificatePlace.rootFile, root, .readable))
    }
    for (field, path, file, state, mode) in paths {
      let link = "\(declared.base)/current/\(file)"
      switch state {
      case .absent, .here: unsettled(FieldChange(field, from: nil, to: .text(path)))
      case .dangling(let old):
        if old != link { refuse(field, path, old, declared) }
        unsettled(FieldChange(field, from: .text("leads to nothing"), to: .text(path)))
      case .file(let found):
        if found.link != link {
          if let old = found.link { refuse(field, path, old, declared) }
          unsettled(FieldChange(field, from: .text(found.link ?? "a plain file"), to: .text(link)))
        }
        dress(found, field, mode, declared.owner)
      }
    }
  }

  /// A link into an older place of ours may be moved; any other is somebody's, and what it leads to is not ours.
  private mutating func refuse(
    _ field: String, _ path: String, _ link: String, _ declared: CertificatePlace
  ) {
    guard !link.hasPrefix("\(declared.base)/") else { return }
    obstacle =
      "\(field) \(path) is a symbolic link to \(link), which Phoenix did not make; remove it, or name another path"
  }

  private mutating func dress(
    _ found: Certificates.File, _ field: String, _ mode: FileMode, _ owner: FileOwner
  ) {
    if found.mode != mode {
      unsettled(
        FieldChange("\(field) permissions", from: .text(found.mode.description), to: .text(mode.description)))
    }
    if !found.belongs(to: owner) {
      unsettled(
        FieldChange("\(field) owner", from: .text(found.owner.description), to: .text(owner.description)))
    }
  }

  private mutating func unsettled(_ field: FieldChange) {
    isUnsettled = true
    fields.append(field)
  }
}

extension FileMode {
  /// The permissions of what everybody may read.
  static let readable = FileMode(bits: 0o644)
}

extension CertificateEntry.Use {
  /// The extended key usage that it takes.
  var extendedKeyUsage: String {
    switch self {
    case .server: "serverAuth"
    case .client: "clientAuth"
    }
  }
}
