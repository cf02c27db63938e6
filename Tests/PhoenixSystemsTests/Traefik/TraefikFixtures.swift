import PhoenixCore

@testable import PhoenixSystems

/// Facts for a Traefik, and how it looks when all is right.
enum TraefikFixtures {
  static let pem = "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIRAJ4=\n-----END CERTIFICATE-----\n"
  static let nothing = Traefik.GuestState(
    guest: 102, unit: "inactive", isEnabled: false, staticFile: ServiceFilesState(),
    dynamicFile: ServiceFilesState())

  /// SHA-1 of a client's leaf: made up, and always the same.
  static func sha1(_ text: String) -> String { String(SHA256.hexDigest(of: Array(text.utf8)).prefix(40)) }

  static func facts(_ desired: Traefik.Desired) -> [FactKey: Reading<FactValue>] {
    var facts: [FactKey: Reading<FactValue>] = [:]
    for name in desired.servers.keys {
      facts[FactKey("certificate.fingerprint", of: name)] = .known(.text("f-\(name)"))
      facts[FactKey("certificate.generation", of: name)] = .known(.text("20260101T000000-0123456789ab"))
    }
    for client in desired.proxy?.plan.clients ?? [] {
      facts[.clientFingerprints(client)] = .known(.list([sha1(client)]))
      facts[.clientLeaves(client)] = .known(.list([pem]))
      facts[.recordedFingerprints(client)] = .known(.list([sha1(client)]))
      facts[.recordedLeaves(client)] = .known(.list([pem]))
    }
    for backend in desired.proxy?.plan.backends ?? [] {
      guard let key = backend.servers else { continue }
      facts[key] = .known(.list(["10.0.0.111:\(backend.router.utf8.count + 8000)"]))
    }
    return facts
  }

  static func file(_ desired: Traefik.Desired, _ facts: Facts? = nil) -> DynamicFile? {
    desired.proxy.flatMap { Traefik.dynamicFile($0, nothing, facts ?? Facts(Self.facts(desired))) }
  }

  static func right(_ desired: Traefik.Desired) -> Traefik.Observed {
    guard let proxy = desired.proxy, let file = file(desired) else { return Traefik.Observed() }
    return Traefik.Observed(
      guest: .known(
        Traefik.GuestState(
          guest: proxy.login.guest, unit: "active", isEnabled: true,
          staticFile: ServiceFilesState([proxy.staticFile]),
          dynamicFile: ServiceFilesState([file.wanted(proxy)]), clients: proxy.plan.clients)),
      loaded: .known([DynamicFile.hash(of: file.text)].compactMap { $0 }),
      servers: desired.servers.mapValues {
        .known(ServedLeaves(fingerprints: ["f-\($0.place.name)"]))
      },
      routers: desired.routers.mapValues { _ in .known(Traefik.RouterState()) })
  }
}
