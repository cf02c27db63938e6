public import PhoenixCore
import PhoenixHost
import PhoenixNetwork

extension Certificates {
  /// Looks at the certificates in their guests, in one round trip a guest, and at what the state directory holds.
  public func observe(_ scope: ObservationScope, desired: Desired) async -> Observed {
    var observed = Observed()
    var guests: [GuestLogin: [CertificatePlace]] = [:]
    for wanted in desired.certificates.values where scope.includes(wanted.resource) {
      observed.renewals[wanted.name] = await journal.wish(for: wanted.name)
      observed.kept[wanted.name] = await kept(wanted)
      switch wanted.destination {
      case .here: observed.places[wanted.name] = await here(wanted.name)
      case .guest(let place, let login): guests[login, default: []].append(place)
      }
    }
    observed.places.merge(await look(guests)) { _, newer in newer }
    return observed
  }

  /// What can be delivered of a certificate.
  private func kept(_ wanted: DesiredCertificate) async -> Reading<Kept> {
    let name = wanted.name
    do throws(Failure) {
      let record = try await journal.record(of: name)
      var kept = Kept(issued: try await journal.identity(record.issued, of: name)?.leaf)
      kept.delivered =
        record.delivered == record.issued
        ? kept.issued : try await journal.identity(record.delivered, of: name)?.leaf
      // Only doors ask for them.
      guard !wanted.admissions.isEmpty else { return .known(kept) }
      kept.recorded = record.all.compactMap { (try? CertificateChain(pem: $0.chainPEM))?.leaf }.map {
        RecordedLeaf(sha1: $0.sha1, pem: $0.pem)
      }
      return .known(kept)
    } catch {
      return .unreadable(error.description)
    }
  }

  /// What stands in the state directory as phoenixd's own.
  private func here(_ name: String) async -> Reading<Place> {
    do throws(Failure) {
      guard let own = try await journal.delivered(of: name) else {
        return .known(Place(certificate: .absent, key: .absent))
      }
      return .known(
        Place(
          generation: own.generation, certificate: .here, key: .here, leaf: own.leaf,
          keySHA256: own.leaf.publicKeySHA256))
    } catch {
      return .unreadable(error.description)
    }
  }

  private func look(_ guests: [GuestLogin: [CertificatePlace]]) async -> [String: Reading<Place>] {
    guard !guests.isEmpty else { return [:] }
    let shell: Shell
    do throws(Failure) {
      shell = try await keys.shell()
    } catch {
      let reading = Reading<Place>.unreadable(error.description)
      return Dictionary(guests.values.joined().map { ($0.name, reading) }) { first, _ in first }
    }
    let ordered = guests.sorted { $0.key.guest < $1.key.guest }
    let looks = await eachConcurrently(ordered, width: Self.width) { login, places in
      await look(shell, login, places.sorted { $0.name < $1.name })
    }
    return looks.reduce(into: [:]) { all, look in all.merge(look) { _, newer in newer } }
  }

  private func look(
    _ shell: Shell, _ login: GuestLogin, _ places: [CertificatePlace]
  ) async -> [String: Reading<Place>] {
    func all(_ reading: Reading<Place>) -> [String: Reading<Place>] {
      Dictionary(places.map { ($0.name, reading) }) { first, _ in first }
    }
    do throws(Failure) {
      let arguments = places.flatMap { [$0.base, $0.certificatePath, $0.keyPath, $0.rootPath ?? "-"] }
      let result = try await shell.run(
        ShellTarget(login), argv: ["sh", "-c", CertificateScripts.look, "phoenix"] + arguments,
        timeout: commandTimeout, outputLimit: 4096 + places.count * (6 * (1 << 17)))
      guard result.status.isSuccess, !result.stdoutTruncated else {
        return all(.unreadable("\(login.endpoint): \(result.account)"))
      }
      do throws(CertificateLook.Garbled) {
        let readings = try CertificateLook.parse(result.stdout, places: places)
        return Dictionary(zip(places.map(\.name), readings)) { first, _ in first }
      } catch {
        return all(
          .unreadable(
            "\(login.endpoint): an answer that cannot be understood: \(error.reason); "
              + "does the login shell of \(login.user) print anything by itself?"))
      }
    } catch {
      return all(.unreadable(error.description))
    }
  }
}

extension ObservationScope {
  /// Whether a resource is to be looked at.
  func includes(_ resource: ResourceID) -> Bool {
    switch self {
    case .everything: true
    case .only(let resources): resources.contains(resource)
    }
  }
}
