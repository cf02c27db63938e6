import PhoenixCore
import Testing

@testable import PhoenixSystems

/// A certificate that an authority behind a misbehaving proxy is to issue. What is to be done was decided while
/// the proxy let everything through.
struct ProxiedIssue {
  let proxy: FaultProxy
  let world: CertificateWorld
  let wanted: Certificates.DesiredCertificate
  let desired: Certificates.Desired
  let system: Certificates
  /// What stands in the guest and is due; nil when nothing stands there.
  let old: Certificates.Identity?
  let pending: PendingChange

  init(of authority: StepCAServer, renewing: Bool) async throws {
    proxy = try await FaultProxy(before: authority)
    world = try CertificateWorld(authority, url: proxy.url)
    wanted = world.wanted()
    desired = world.desired(wanted)
    system = world.certificates()
    old = renewing ? try await world.seed(wanted, age: .seconds(17 * 3600)) : nil
    pending = try #require(await world.pending(system, desired).first)
  }
}
