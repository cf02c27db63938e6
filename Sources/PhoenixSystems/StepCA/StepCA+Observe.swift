public import PhoenixCore
import PhoenixHost
import PhoenixNetwork

extension StepCA {
  /// Looks at the authority: its root by the pin, its health, its provisioners, its clock, its own certificate.
  public func observe(_ scope: ObservationScope, desired: Desired) async -> Observed {
    guard let access = desired.authority else { return Observed(authority: .absent) }
    do throws(Failure) {
      return Observed(authority: .known(try await look(at: access)))
    } catch {
      return Observed(authority: .unreadable(error.description))
    }
  }

  /// Nothing is ever wanted of the authority itself.
  public func apply(
    _ change: Change, desired: Desired, observed: Observed, facts: Facts
  ) async throws(Failure) {
    throw Failure(
      .permanent, doing: "change \(change.resource)", got: "Step-CA is only looked at",
      hint: "this is a defect of Phoenix, please report it")
  }

  private func look(at access: Access) async throws(Failure) -> Authority {
    let root = try await root(of: access)
    let api = AuthorityAPI(
      client: client, url: access.trimmedURL, root: root, timeout: requestTimeout)
    let before = clock.wall()
    let answered = try await api.health()
    let after = clock.wall()
    let provisioners = try await api.provisioners()
    let theirs = answered ?? after
    return Authority(
      host: access.host, rootPEM: root.pem, rootFingerprint: root.sha256,
      provisionerKeyID: provisioners.first { $0.name == access.provisioner }?.keyID,
      provisioners: provisioners.map(\.name), skew: Self.skew(theirs: theirs, before: before, after: after),
      serverNotAfter: await ownCertificate(of: access, root)?.notAfter, seen: theirs)
  }

  /// Its clock minus ours. It tells whole seconds only, so what lies within the question and that second is none.
  static func skew(theirs: WallTime, before: WallTime, after: WallTime) -> Int {
    let end = theirs + .milliseconds(999)
    if theirs > after { return Int((theirs - after).components.seconds) }
    if end < before { return -Int((before - end).components.seconds) }
    return 0
  }

  private func root(of access: Access) async throws(Failure) -> Certificate {
    guard let pin = access.rootFingerprint else {
      throw Failure(
        .permanent, doing: "recognise Step-CA", got: "step_ca.root_fingerprint is not set",
        hint: "on the CA: step certificate fingerprint root_ca.crt; write it into phoenixd.json")
    }
    if let known = roots[pin] { return known }
    do throws(TransportError) {
      let root = try await PinnedRootFetch.fetch(
        from: access.trimmedURL, sha256: pin, client: client, timeout: requestTimeout)
      roots[pin] = root
      return root
    } catch {
      throw error.failure(doing: "fetch Step-CA's root by its fingerprint")
    }
  }

  /// What it serves itself with; nil when it is named by a name, which a probe does not resolve.
  private func ownCertificate(of access: Access, _ root: Certificate) async -> Certificate? {
    guard IPAddress(access.host) != nil else { return nil }
    let target = TLSProbe.Target(
      address: access.host, port: UInt16(clamping: access.port), serverName: access.host)
    let served = try? await TLSProbe.handshake(
      target, trust: TLSTrust(rootsPEM: root.pem), timeout: .seconds(5))
    return served?.chain.leaf
  }
}

extension StepCA: ManagedSystem {}

extension StepCA.Access {
  /// The address without a slash at its end.
  var trimmedURL: String { url.hasSuffix("/") ? String(url.dropLast()) : url }

  /// Its port; that of https when the address names none.
  var port: Int {
    let authority = trimmedURL.split(separator: "/").last ?? ""
    guard let colon = authority.lastIndex(of: ":"), !authority.hasSuffix("]") else { return 443 }
    return Int(authority[authority.index(after: colon)...]) ?? 443
  }
}
