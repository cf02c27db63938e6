public import PhoenixCore
import PhoenixHost

extension Certificates {
  /// Looks at the certificates in their guests, in one round trip a guest.
  public func observe(_ scope: ObservationScope, desired: Desired) async -> Observed {
    let wanted = desired.certificates.values.filter { scope.includes($0.place.resource) }
    var observed = Observed()
    guard !wanted.isEmpty else { return observed }
    for place in wanted.map(\.place) {
      observed.renewals[place.name] = await journal.wish(for: place.name)
    }
    let shell: Shell
    do throws(Failure) {
      shell = try await keys.shell()
    } catch {
      for place in wanted.map(\.place) { observed.places[place.name] = .unreadable(error.description) }
      return observed
    }
    let guests = Dictionary(grouping: wanted, by: \.login).sorted { $0.key.guest < $1.key.guest }
    let looks = await eachConcurrently(guests, width: Self.width) { login, certificates in
      await look(shell, login, certificates.map(\.place).sorted { $0.name < $1.name })
    }
    for look in looks { observed.places.merge(look) { _, newer in newer } }
    return observed
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
