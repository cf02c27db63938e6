import FoundationEssentials
import PhoenixCore
import PhoenixNetwork
import Testing

@testable import PhoenixSystems

/// The whole way of a client's renewal through the kernel, with a door that is a system of its own.
@Suite(
  "Client certificates renewed by the daemon and by an operator", .enabled(if: StepCAServer.program != nil),
  .timeLimit(.minutes(5)))
struct CertificateAdmissionFlowTests {
  private static let name = "client.internal.example"

  private struct Scene {
    let wanted: Certificates.DesiredCertificate
    let old: Certificate
    let admitted: Lock<[String]>
    var kernel: KernelDriver
  }

  /// A client whose certificate stands in its guest and is known at its door.
  private func scene(_ world: CertificateWorld, age: Duration, onlyOnRequest: Bool) async throws -> Scene {
    let wanted = world.wanted(
      Self.name, names: [], use: .client,
      admissions: [.admitted(Self.name, at: .dockerAPI, guest: 1001)])
    let old = try await world.seed(wanted, age: age).chain.leaf
    let admitted = Lock([old.sha1])
    let authority = try #require(world.desiredAuthority.authority)
    let certificates = Compiled(
      world.desired(wanted),
      resources: [
        DeclaredResource(wanted.resource, requires: [authority.resource], admittedBy: [DoorSystem.resource])
      ])
    var kernel = KernelDriver(
      [
        (
          Mounted(world.stepCA),
          SystemSlot(
            Compiled(world.desiredAuthority, resources: [DeclaredResource(authority.resource)]),
            of: StepCA.self)
        ),
        (Mounted(world.certificates()), SystemSlot(certificates, of: Certificates.self)),
        (
          Mounted(DoorSystem(admitted: admitted)),
          SystemSlot(
            Compiled(
              DoorSystem.Desired(client: Self.name), resources: [DeclaredResource(DoorSystem.resource)]),
            of: DoorSystem.self)
        ),
      ], onlyOnRequest: onlyOnRequest, wall: { world.clock.now })
    kernel.afterApply = {
      let leaf = try world.pair(wanted).leaf
      #expect(admitted.withLock { $0 }.contains(leaf.sha1), "it holds one that its door does not know")
    }
    return Scene(wanted: wanted, old: old, admitted: admitted, kernel: kernel)
  }

  @Test("The daemon issues, lets in, delivers and forgets the old one within seconds, by itself")
  func daemon() async throws {
    try await CertificateWorld.lend { world, authority in
      var scene = try await scene(world, age: .seconds(17 * 3600), onlyOnRequest: false)
      let posts = authority.posts.count
      try await scene.kernel.run(for: .seconds(10))
      let new = try world.pair(scene.wanted).leaf
      #expect(new != scene.old)
      #expect(scene.admitted.withLock { $0 } == [new.sha1])
      #expect(scene.kernel.elapsed <= .seconds(8))
      #expect(authority.posts.count == posts + 1)
    }
  }

  @Test(
    "With the state directory lost, what stood there is on record once it is replaced, so that doors may keep it"
  )
  func lostState() async throws {
    try await CertificateWorld.lend { world, _ in
      var scene = try await scene(world, age: .seconds(17 * 3600), onlyOnRequest: false)
      try FileManager.default.removeItem(atPath: world.state.file("certificates"))
      func recorded() async -> Reading<FactValue> {
        let seen = await world.certificates().observe(.everything, desired: world.desired(scene.wanted))
        return Facts(Certificates.facts(of: seen))[.recordedFingerprints(Self.name)]
      }
      #expect(await recorded() == .absent)
      try await scene.kernel.run(for: .seconds(10))
      let new = try world.pair(scene.wanted).leaf
      #expect(new != scene.old)
      #expect(await recorded() == .known(.list([new.sha1, scene.old.sha1])))
    }
  }

  /// What `phoenix certificate renew` does, one run after another.
  @Test("An operator's renewal is in use when its runs are over, without a daemon too")
  func operatorsRuns() async throws {
    try await CertificateWorld.lend { world, _ in
      var scene = try await scene(world, age: .seconds(3600), onlyOnRequest: true)
      let desired = world.desired(scene.wanted)
      let observed = await world.certificates().observe(.everything, desired: desired)
      try await world.certificates().request(.renew, for: scene.wanted.resource, observed: observed)
      let first = try await scene.kernel.apply(scene.wanted.resource)
      #expect(first.actions[scene.wanted.resource]?.outcome == .verified)
      #expect(try world.pair(scene.wanted).leaf == scene.old)
      for target in [DoorSystem.resource, scene.wanted.resource] {
        let result = try await scene.kernel.apply(target)
        #expect(result.isSuccess)
        #expect(result.actions[target]?.outcome == .verified)
      }
      #expect(try world.pair(scene.wanted).leaf != scene.old)
    }
  }
}
