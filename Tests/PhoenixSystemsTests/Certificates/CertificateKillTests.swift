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
    .timeLimit(.minutes(60)))
  struct CertificateKillTests {
    static let steps: [Failpoint] = [
      .stateTemporaryWritten, .statePreviousKept, .stateRenamed, .certificateKeyRecorded, .certificateIssued,
      .certificateRecorded, .certificateDeliveryRecorded, .certificateBeforeDelivery, .certificateDelivered,
      .certificateCommitted,
    ]

    /// A pass in a process of its own, killed at a failpoint or when its time is over.
    private func run(
      _ world: CertificateWorld, failpoint: String? = nil, killedAfter limit: Duration = .seconds(60)
    ) async throws -> ProcessResult {
      let password = StepCAServer.password.reveal { "\($0)\n" }
      return try await Processes.run(
        ProcessCommand(
          [
            Self.probe, world.authority.url, world.authority.root.sha256, StepCAServer.provisioner,
            world.guest.directory.path, world.state.path,
          ], stdin: Array(password.utf8), environment: failpoint.map { ["PHOENIX_FAILPOINT": $0] } ?? [:],
          timeout: limit, grace: .zero))
    }

    /// The pair in the guest fits, or there is none.
    private func expectWhole(_ world: CertificateWorld, _ wanted: Certificates.DesiredCertificate) throws {
      let there = [wanted.place.certificatePath, wanted.place.keyPath].map { (path: String) in
        access(path, F_OK) == 0
      }
      if there == [true, true] { try world.pair(wanted) }
      #expect(there != [true, false])
    }

    /// The next run finishes the work, with one issue more than needed at most, and nothing is left of the one
    /// that was killed.
    private func expectFinished(
      _ world: CertificateWorld, _ wanted: Certificates.DesiredCertificate, issuesBefore: Int
    ) async throws {
      try expectWhole(world, wanted)
      let second = try await run(world)
      #expect(second.text == "converged\n", "\(second.account)")
      let leaf = try world.pair(wanted).leaf
      // At most one that was signed and lost.
      #expect(issues(world.authority) - issuesBefore <= 2)

      let name = wanted.place.name
      let journal = CertificateJournal(directory: world.state.file("certificates"), writes: nil)
      let record = try await journal.record(of: name)
      #expect(record.pending == nil)
      #expect(try record.issued.map { try CertificateChain(pem: $0.chainPEM).leaf } == leaf)
      let kept = world.state.names(in: "certificates/\(name)")
      #expect(
        kept.filter { $0 != "record.previous" } == ["\(leaf.publicKeySHA256.prefix(32)).key", "record"])
      #expect(world.guest.directory.names(in: "base/\(name)") == ["current", "generations"])
      #expect(world.guest.directory.names(in: "etc") == ["crt", "key", "root"].map { "\(name).\($0)" })
    }

    private func issues(_ authority: StepCAServer) -> Int {
      authority.count("/sign") + authority.count("/rekey")
    }

    @Test("From nothing and at a renewal", arguments: steps, [false, true])
    func killed(at step: Failpoint, renewing: Bool) async throws {
      try await CertificateWorld.lend { world, authority in
        let wanted = world.wanted()
        if renewing { _ = try await world.seed(wanted, age: .seconds(17 * 3600)) }
        let before = issues(authority)
        let first = try await run(world, failpoint: "\(step.rawValue):kill")
        // Where there is no record yet, there is none to keep.
        let passes = step == .statePreviousKept || first.status == .signaled(SIGKILL)
        #expect(passes, "it was not killed: \(first.account)")
        try await expectFinished(world, wanted, issuesBefore: before)
      }
    }

    /// Whether something stands there already changes what a kill meets, and so does how far a run came.
    @Test("At moments nobody chose; PHOENIX_RANDOM_KILLS says at how many")
    func killedAtRandom() async throws {
      let authority = try await StepCAServer.make()
      let server = try await authority.start()
      // The first run is slower than those that follow.
      var length = 1
      for _ in 1...2 {
        let start = ContinuousClock.now
        let whole = try await run(try CertificateWorld(authority))
        #expect(whole.text == "converged\n", "\(whole.account)")
        length = max(1, Int((ContinuousClock.now - start) / .milliseconds(1)))
      }
      var kills = 0
      for round in 0..<RandomKills.count {
        let world = try CertificateWorld(authority)
        let wanted = world.wanted()
        if round % 2 == 1 { _ = try await world.seed(wanted, age: .seconds(17 * 3600)) }
        let before = issues(authority)
        let start = ContinuousClock.now
        let first = try await run(world, killedAfter: .milliseconds(Int.random(in: 1...length)))
        if first.status == .timedOut {
          kills += 1
        } else {
          // The machine has less to do than at the first runs.
          length = max(1, min(length, Int((ContinuousClock.now - start) / .milliseconds(1))))
        }
        try await expectFinished(world, wanted, issuesBefore: before)
      }
      #expect(kills * 2 > RandomKills.count, "most runs were over before they were killed")
      await server.stop()
    }

  }

  extension CertificateKillTests {
    static var probe: String {
      var buffer = [CChar](repeating: 0, count: 4096)
      let count = readlink("/proc/self/exe", &buffer, buffer.count)
      let own = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
      return own.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/certificate-probe"
    }
  }
#endif
