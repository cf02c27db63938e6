import PhoenixCore
import Testing

@testable import PhoenixSystems

/// A change that was decided on, and all that carrying it out takes.
struct PendingChange {
  let change: Change
  let system: Certificates
  let desired: Certificates.Desired
  let observed: Certificates.Observed
  let facts: Facts

  func apply() async throws(Failure) {
    try await system.apply(change, desired: desired, observed: observed, facts: facts)
  }

  /// Carries it out, which must fail.
  func failure(_ location: SourceLocation = #_sourceLocation) async throws -> Failure {
    let failure = await #expect(throws: Failure.self, sourceLocation: location) { try await apply() }
    return try #require(failure, sourceLocation: location)
  }
}

extension CertificateWorld {
  /// All that is wanted, with one look at the guest. Without facts the authority is asked for them.
  func pending(
    _ system: Certificates, _ desired: Certificates.Desired, facts: Facts? = nil
  ) async -> [PendingChange] {
    let known = if let facts { facts } else { await self.facts() }
    let observed = await system.observe(.everything, desired: desired)
    return Certificates.diff(desired: desired, observed: observed, facts: known, now: clock.now).map {
      PendingChange(change: $0, system: system, desired: desired, observed: observed, facts: known)
    }
  }
}
