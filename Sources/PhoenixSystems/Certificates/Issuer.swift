import PhoenixCore
import PhoenixHost
import PhoenixNetwork

/// Has one certificate issued.
struct Issuer: Sendable {
  let system: Certificates
  let wanted: Certificates.DesiredCertificate
  let desired: Certificates.Desired
  let root: Certificate
  let facts: Facts

  private var name: String { wanted.name }
  private var doing: String { "ask Step-CA for a certificate for \(name)" }

  /// Asks for a certificate with a key of its own, checks it, and records it.
  ///
  /// - Parameters:
  ///   - held: What was issued last; it vouches for its successor when it can.
  ///   - isRenewal: Whether the successor must live longer.
  /// - Returns: The certificate, on disk.
  /// - Throws: Permanent when the authority says no or gives something else, transient when it does not answer.
  func issue(
    succeeding held: Certificates.Identity?, isRenewal: Bool
  ) async throws(Failure) -> Certificates.Identity {
    guard let authority = desired.authority else {
      throw Failure(
        .permanent, doing: doing, got: "no address of Step-CA is known",
        hint: "set step_ca.url in phoenixd.json")
    }
    let api = IssuingAPI(client: system.client, url: authority.url, root: root, clock: system.clock)
    let key = try await pendingKey()
    let request: CertificateRequest
    do throws(CryptoError) {
      request = try CertificateRequest(
        commonName: wanted.commonName, names: wanted.names.compactMap { SubjectName(parsing: $0) },
        key: key)
    } catch {
      throw Failure(.permanent, doing: doing, got: error.description, hint: "correct the manifest's names")
    }
    let chain = try await chain(request, api, authority, held)
    Failpoint.reach(.certificateIssued)
    let check = IssuedCheck(
      wanted: wanted, root: root, keySHA256: key.publicKeySHA256,
      outlives: isRenewal ? held?.chain.notAfter : nil, now: now)
    if let fault = check.fault(of: chain) {
      throw Failure(
        .permanent, doing: doing, expected: "what was asked for",
        got: "a certificate that is not right: \(fault)",
        hint: "look at the provisioner's template and policy; the files in use were not touched")
    }
    let identity = Certificates.Identity(chain: chain, rootPEM: root.pem, key: key)
    try await system.journal.keep(identity.record, of: name)
    Failpoint.reach(.certificateRecorded)
    return identity
  }

  /// By the authority's clock.
  private var now: WallTime {
    Certificates.authority(desired, facts).time(system.clock.wall())
  }

  /// A key that is on disk: the one that was left by an interrupted attempt, or a new one.
  private func pendingKey() async throws(Failure) -> PrivateKey {
    if let pending = try await system.journal.record(of: name).pending,
      let key = try await system.journal.key(pending.keySHA256, of: name)
    {
      return key
    }
    let key: PrivateKey
    do throws(CryptoError) {
      key = try PrivateKey.generate()
    } catch {
      throw Failure(.transient, doing: "make a key for \(name)", got: error.description)
    }
    try await system.journal.begin(key, of: name)
    Failpoint.reach(.certificateKeyRecorded)
    return key
  }

  /// By the certificate in hand where that will do, else by a one-time token. One refusal of the first leads to
  /// the second, once: a revoked certificate can never vouch again.
  private func chain(
    _ request: CertificateRequest, _ api: IssuingAPI, _ authority: Certificates.Authority,
    _ held: Certificates.Identity?
  ) async throws(Failure) -> CertificateChain {
    if let held, mayVouch(held) {
      do throws(IssuingAPI.Trouble) {
        return try await api.rekey(request, identity: held.tls)
      } catch {
        switch error {
        case .refused(let refusal) where refusal.status == 401: break
        // The authority wants no handshake with it: an outage looks otherwise.
        case .transport(let error) where error.isTLS: break
        default: throw failure(error, authority)
        }
      }
    }
    let token = try await token(api, authority)
    do throws(IssuingAPI.Trouble) {
      return try await api.sign(request, token: token, lifetime: wanted.lifetime)
    } catch {
      throw failure(error, authority)
    }
  }

  /// Whether a certificate can ask for its successor: an expired one would only look like an outage.
  private func mayVouch(_ held: Certificates.Identity) -> Bool {
    let leaf = Certificates.Leaf(held.chain, rootsPEM: root.pem)
    let isClient = leaf.uses?.contains(CertificateEntry.Use.client.extendedKeyUsage) ?? true
    let isValid = leaf.notBefore <= now && now < leaf.notAfter
    let life = leaf.notAfter - leaf.notBefore
    let isLongAsWanted = wanted.lifetime.map { life >= $0 && life <= $0 + .seconds(120) } ?? true
    return isClient && isValid && leaf.names == wanted.names && leaf.rootSHA256 == root.sha256
      && isLongAsWanted
  }

  private func token(_ api: IssuingAPI, _ authority: Certificates.Authority) async throws(Failure) -> Secret {
    guard let issuer = authority.provisioner,
      case .known(.text(let keyID)) = facts[FactKey("ca.provisioner", of: authority.host)]
    else {
      throw Failure(
        .permanent, doing: doing, got: "Step-CA has no provisioner of the declared name",
        hint: "set step_ca.provisioner in phoenixd.json")
    }
    let password = try await system.keys.password(authority.passwordCredential)
    let encrypted: (token: String, offset: Duration)
    do throws(IssuingAPI.Trouble) {
      encrypted = try await api.encryptedKey(keyID)
    } catch {
      throw failure(error, authority)
    }
    do throws(CryptoError) {
      let key = try await system.provisioners.open(encrypted.token, password: password)
      return try OneTimeToken.make(
        for: wanted, issuer: issuer, keyID: keyID, key: key, audience: "\(authority.url)/1.0/sign",
        rootSHA256: root.sha256, now: system.clock.wall() + encrypted.offset)
    } catch {
      throw Failure(
        .permanent, doing: "open the key of the provisioner \(issuer)", got: error.description,
        hint: "write its password to /etc/phoenix/credentials/\(authority.passwordCredential), for root alone"
      )
    }
  }

  private func failure(_ trouble: IssuingAPI.Trouble, _ authority: Certificates.Authority) -> Failure {
    switch trouble {
    case .transport(let error): return error.failure(doing: doing)
    case .garbled(let text): return Failure(.transient, doing: doing, got: text, endpoint: authority.url)
    case .refused(let refusal):
      let said = refusal.message.isEmpty ? "" : ": \(refusal.message)"
      let isTransient = refusal.status >= 500 || refusal.status == 429
      return Failure(
        isTransient ? .transient : .permanent, doing: doing, got: "status \(refusal.status)\(said)",
        hint: isTransient ? nil : hint(refusal),
        // A wrong password or clock is mended elsewhere, and nothing tells us.
        recheck: .seconds(refusal.status == 401 ? 600 : 3600), endpoint: isTransient ? authority.url : nil)
    }
  }

  /// Every 401 says the same, so what can be told apart from here is.
  private func hint(_ refusal: IssuingAPI.Refusal) -> String {
    guard refusal.status == 401 else { return "compare the manifest with the provisioner's policy" }
    if let skew = refusal.skew, abs(skew) > 60 {
      return "this machine's clock and Step-CA's differ by \(abs(skew)) s: timedatectl on both"
    }
    return
      "is \(desired.authority?.host ?? "the address") among the CA's dnsNames, and is the provisioner still the one of this password?"
  }
}

extension TransportError {
  /// Whether the two ends could not agree on a handshake.
  var isTLS: Bool { if case .tls = kind { true } else { false } }
}
