import FoundationEssentials
import Glibc
import PhoenixCore
import PhoenixHost
import PhoenixNetwork
import Testing

@testable import PhoenixSystems

/// A process that is killed at every step of an issue, a renewal and a delivery. The next one finishes the work,
/// and whoever reads meanwhile finds a certificate with its key, or none at all.
#if PHOENIX_FAILPOINTS
  @Suite(
    "Kills in the middle of a certificate's life", .enabled(if: StepCAServer.program != nil), .serialized,
    .timeLimit(.minutes(10)))
  struct CertificateKillTests {
    static let steps: [Failpoint] = [
      .stateTemporaryWritten, .statePreviousKept, .stateRenamed, .certificateKeyRecorded, .certificateIssued,
      .certificateRecorded, .certificateBeforeDelivery, .certificateDelivered, .certificateCommitted,
    ]

    private func run(_ world: CertificateWorld, failpoint: String?) async throws -> ProcessResult {
      let password = StepCAServer.password.reveal { "\($0)\n" }
      return try await Processes.run(
        ProcessCommand(
          [
            Self.probe, world.authority.url, world.authority.root.sha256, StepCAServer.provisioner,
            world.guest.directory.path, world.state.path,
          ], stdin: Array(password.utf8), environment: failpoint.map { ["PHOENIX_FAILPOINT": $0] } ?? [:],
          timeout: .seconds(60), grace: .zero))
    }

    /// The pair in the guest fits, or there is none.
    private func expectWhole(_ world: CertificateWorld, _ wanted: Certificates.DesiredCertificate) throws {
      let there = [wanted.place.certificatePath, wanted.place.keyPath].map { (path: String) in
        access(path, F_OK) == 0
      }
      if there == [true, true] { try world.pair(wanted) }
      #expect(there != [true, false])
    }

    @Test("From nothing and at a renewal", arguments: steps, [false, true])
    func killed(at step: Failpoint, renewing: Bool) async throws {
      let authority = try await StepCAServer.make()
      let server = try await authority.start()
      let world = try CertificateWorld(authority)
      let wanted = world.wanted()
      if renewing { _ = try await world.seed(wanted, age: .seconds(17 * 3600)) }
      let first = try await run(world, failpoint: "\(step.rawValue):kill")
      // Where there is no record yet, there is none to keep.
      let passes = step == .statePreviousKept || first.status == .signaled(SIGKILL)
      #expect(passes, "it was not killed: \(first.account)")
      try expectWhole(world, wanted)
      let second = try await run(world, failpoint: nil)
      #expect(second.text == "converged\n", "\(second.account)")
      try world.pair(wanted)
      #expect(
        world.state.names(in: "certificates/nginx.internal.example").filter { $0.hasSuffix(".key") }.count
          == 1)
      // At most one that was signed and lost.
      #expect(authority.count("/sign") + authority.count("/rekey") <= (renewing ? 3 : 2))
      await server.stop()
    }

    @Test("At moments nobody chose")
    func killedAtRandom() async throws {
      let authority = try await StepCAServer.make()
      let server = try await authority.start()
      let count = ProcessInfo.processInfo.environment["PHOENIX_KILLS"].flatMap { Int($0) } ?? 10
      for _ in 0..<count {
        let world = try CertificateWorld(authority)
        let wanted = world.wanted()
        let password = StepCAServer.password.reveal { "\($0)\n" }
        // timeout(1) kills the whole group: the guest's shell too.
        _ = try await Processes.run(
          ProcessCommand(
            [
              "timeout", "-s", "KILL", "0.\(Int.random(in: 100...900))", Self.probe, authority.url,
              authority.root.sha256, StepCAServer.provisioner, world.guest.directory.path, world.state.path,
            ], stdin: Array(password.utf8), timeout: .seconds(30), grace: .zero))
        try expectWhole(world, wanted)
        let second = try await run(world, failpoint: nil)
        #expect(second.text == "converged\n", "\(second.account)")
        try world.pair(wanted)
      }
      await server.stop()
    }

    private static var probe: String {
      var buffer = [CChar](repeating: 0, count: 4096)
      let count = readlink("/proc/self/exe", &buffer, buffer.count)
      let own = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
      return own.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/certificate-probe"
    }
  }
#endif
