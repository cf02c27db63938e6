import PhoenixCore

@testable import PhoenixSystems

struct LawfulStepCA: LawfulSystem {
  typealias Model = StepCA

  let whole = LawExample.compile(StepCA.self)

  var isOnlyLookedAt: Bool { true }

  func facts(_ desired: StepCA.Desired) -> [FactKey: Reading<FactValue>] { [:] }

  func right(_ desired: StepCA.Desired) -> StepCA.Observed {
    StepCA.Observed(authority: .known(Self.authority(desired)))
  }

  func unreadable(_ desired: StepCA.Desired) -> StepCA.Observed {
    StepCA.Observed(authority: .unreadable("no route"))
  }

  func random(_ desired: StepCA.Desired, _ generator: inout SeededGenerator) -> StepCA.Observed {
    let reading = Reading.random(&generator) { generator in
      var authority = Self.authority(desired)
      authority.skew = [0, 0, -40, 299, 301].pick(&generator)
      if generator.chance(20) { authority.provisionerKeyID = nil }
      if generator.chance(20) { authority.serverNotAfter = CertificateFixtures.now + .seconds(60) }
      return authority
    }
    return StepCA.Observed(authority: reading ?? .absent)
  }

  func look(
    _ all: StepCA.Observed, at resources: Set<ResourceID>, _ desired: StepCA.Desired
  ) -> StepCA.Observed { all }

  func touched(by resource: ResourceID, _ desired: StepCA.Desired) -> Set<ResourceID> { [resource] }

  func reordered(_ desired: StepCA.Desired) -> StepCA.Desired { desired }

  func reordered(_ observed: StepCA.Observed) -> StepCA.Observed { observed }

  /// An authority that answers, where this machine has the program, and one that is down.
  func spoiled(_ generator: inout SeededGenerator) async throws -> World {
    let authority = try await StepCAServer.make()
    let isUp = StepCAServer.program != nil && generator.chance(60)
    return World(
      world: try CertificateWorld(authority), server: isUp ? try await authority.start() : nil)
  }

  struct World: LawWorld {
    let world: CertificateWorld
    let server: Server?
    var system: StepCA { world.stepCA }
    var desired: StepCA.Desired { world.desiredAuthority }
    var now: WallTime { world.clock.now }

    func facts() async -> Facts { Facts() }
    func content() -> [String] { world.authority.posts }
    func marks() -> [String] { world.authority.posts }
  }

  private static func authority(_ desired: StepCA.Desired) -> StepCA.Authority {
    StepCA.Authority(
      host: desired.authority?.host ?? "10.0.0.10", rootPEM: "PEM", rootFingerprint: "root",
      provisionerKeyID: "kid", provisioners: ["admin@phoenix.example"], skew: 0,
      serverNotAfter: CertificateFixtures.now + .seconds(86_400), seen: CertificateFixtures.now)
  }
}
