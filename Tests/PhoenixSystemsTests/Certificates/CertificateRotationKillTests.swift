import FoundationEssentials
import PhoenixCore
import PhoenixHost
import PhoenixNetwork
import Testing

@testable import PhoenixSystems

#if PHOENIX_FAILPOINTS
  /// A process that is killed at every step of issuing a client's certificate, of waiting for its door, and of
  /// delivering it. The client never holds one that the door does not know, and the next process finishes the work.
  @Suite(
    "Kills while a client's certificate is renewed", .enabled(if: StepCAServer.program != nil), .serialized,
    .timeLimit(.minutes(60)))
  struct CertificateRotationKillTests {
    /// A step, and which of its passings: records are written when a certificate is begun, issued and delivered, and
    /// both the issue and the delivery end an action.
    static let steps: [String] =
      [Failpoint.stateTemporaryWritten, .statePreviousKept, .stateRenamed].flatMap { point in
        (1...3).map { "\(point.rawValue):kill:\($0)" }
      }
      + [
        Failpoint.certificateKeyRecorded, .certificateIssued, .certificateRecorded,
        .certificateDeliveryRecorded,
        .certificateBeforeDelivery, .certificateDelivered,
      ].map { "\($0.rawValue):kill" }
      + [1, 2].map { "\(Failpoint.certificateCommitted.rawValue):kill:\($0)" }

    private func run(_ world: CertificateWorld, _ kind: String, failpoint: String? = nil) async throws
      -> ProcessResult
    {
      let password = StepCAServer.password.reveal { "\($0)\n" }
      return try await Processes.run(
        ProcessCommand(
          [
            CertificateKillTests.probe, world.authority.url, world.authority.root.sha256,
            StepCAServer.provisioner,
            world.guest.directory.path, world.state.path, kind, world.guest.directory.file("door"),
          ], stdin: Array(password.utf8), environment: failpoint.map { ["PHOENIX_FAILPOINT": $0] } ?? [:],
          timeout: .seconds(60), grace: .zero))
    }

    private func leaf(_ world: CertificateWorld, _ wanted: Certificates.DesiredCertificate) async throws
      -> Certificate
    {
      if case .guest = wanted.destination { return try world.pair(wanted).leaf }
      return try #require(try await world.journal.delivered(of: wanted.name)).chain.leaf
    }

    @Test("A renewal", arguments: steps, ["client", "own"])
    func killed(at step: String, kind: String) async throws {
      try await CertificateWorld.lend { world, authority in
        let wanted = kind == "own" ? world.own() : world.wanted(use: .client)
        let old = try await world.seed(wanted, age: .seconds(17 * 3600))
        let door = world.guest.directory.file("door")
        try Data(old.leaf.sha1.utf8).write(to: URL(filePath: door))
        let posts = authority.posts.count

        let first = try await run(world, kind, failpoint: step)
        // Nothing is put into a guest for phoenixd's own.
        let isPassed = kind == "own" && step.contains("deliver") && !step.contains("recorded")
        #expect(first.status == .signaled(9) || isPassed, "it was not killed: \(first.account)")
        let known = try String(contentsOf: URL(filePath: door), encoding: .utf8)
        #expect(try await known.contains(leaf(world, wanted).sha1))

        let second = try await run(world, kind)
        #expect(second.text == "converged\n", "\(second.account)")
        let new = try await leaf(world, wanted)
        #expect(new != old.chain.leaf)
        #expect(try String(contentsOf: URL(filePath: door), encoding: .utf8) == new.sha1)
        // At most one that was signed and lost.
        #expect(authority.posts.count - posts <= 2)
        let record = try await world.journal.record(of: wanted.name)
        #expect(record.pending == nil)
        #expect(record.issued == record.delivered)
        let kept = world.state.names(in: "certificates/\(wanted.name)").filter { $0.hasSuffix(".key") }
        // For phoenixd itself the record is the delivery: after a kill right then an old key stays for one life.
        let isEarly = kind == "own" && (step.contains("delivery-recorded") || step == "state.renamed:kill:3")
        #expect(kept.count == (isEarly ? 2 : 1))
        #expect(kept.contains("\(new.publicKeySHA256.prefix(32)).key"))
      }
    }
  }
#endif
