import FoundationEssentials
import Glibc
import PhoenixCore
import PhoenixHost
import PhoenixNetwork
import Testing

@testable import PhoenixSystems

/// A process that is killed while it makes nginx take something up. Names are served all the while, and the next
/// one finishes the work.
#if PHOENIX_FAILPOINTS
  @Suite("Kills in the middle of a gateway's change", .serialized, .timeLimit(.minutes(10)))
  struct NginxKillTests {
    private func run(
      _ world: GatewayWorld, failpoint: String? = nil, killedAfter limit: Duration = .seconds(60)
    ) async throws -> ProcessResult {
      struct Work: Encodable {
        struct Fact: Encodable {
          let name: String
          let subject: String
          let text: String
        }
        let desired: Nginx.Desired
        let facts: [Fact]
      }
      let known = Certificates.facts(of: await world.files()).compactMap { key, reading -> Work.Fact? in
        guard case .known(.text(let text)) = reading else { return nil }
        return Work.Fact(name: key.name, subject: key.subject, text: text)
      }
      let input = try JSONEncoder().encode(Work(desired: world.desired, facts: known))
      return try await Processes.run(
        ProcessCommand(
          [Self.probe, world.directory.file("bin")], stdin: Array(input) + [UInt8(ascii: "\n")],
          environment: failpoint.map { ["PHOENIX_FAILPOINT": $0] } ?? [:], timeout: limit, grace: .zero))
    }

    @Test(
      "At the steps of an activation", arguments: GatewayWorld.Kind.available,
      [Failpoint.certificateActivated, .certificateProbed])
    func atStep(kind: GatewayWorld.Kind, step: Failpoint) async throws {
      let world = try await GatewayWorld(kind)
      try await world.deliver()
      try await world.pass()
      let new = try await world.deliver()
      let first = try await run(world, failpoint: "\(step.rawValue):kill")
      #expect(first.status == .signaled(SIGKILL), "it was not killed: \(first.account)")
      let second = try await run(world)
      #expect(second.status.isSuccess, "\(second.account)")
      #expect(await world.serves(new))
      try await world.settle()
    }

    @Test(
      "At moments nobody chose; PHOENIX_RANDOM_KILLS says at how many", arguments: GatewayWorld.Kind.available
    )
    func atRandom(kind: GatewayWorld.Kind) async throws {
      let world = try await GatewayWorld(kind)
      var leaf = try await world.deliver()
      try await world.pass()
      let start = ContinuousClock.now
      leaf = try await world.deliver()
      _ = try await run(world)
      let length = max(1, Int((ContinuousClock.now - start) / .milliseconds(1)))
      for round in 0..<RandomKills.count {
        if round.isMultiple(of: 2) { leaf = try await world.deliver() }
        try await world.deliver(world.client)
        if round.isMultiple(of: 3) {
          try world.directory.write("# mine\n", to: "conf.d/phoenix-gateway.conf", mode: 0o644)
        }
        _ = try await run(world, killedAfter: .milliseconds(Int.random(in: 1...length)))
        #expect(await !world.served().isEmpty)
        try await world.settle()
        #expect(await world.serves(leaf))
        #expect(world.directory.names(in: "conf.d") == ["phoenix-gateway.conf"])
      }
    }

    private static var probe: String {
      var buffer = [CChar](repeating: 0, count: 4096)
      let count = readlink("/proc/self/exe", &buffer, buffer.count)
      let own = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
      return own.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/gateway-probe"
    }
  }
#endif
