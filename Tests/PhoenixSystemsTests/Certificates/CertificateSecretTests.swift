import FoundationEssentials
import PhoenixCore
import Testing

@testable import PhoenixSystems

/// Where secrets are, and above all where they are not.
@Suite("Secrets around certificates", .enabled(if: StepCAServer.program != nil), .timeLimit(.minutes(5)))
struct CertificateSecretTests {
  @Test("A wrong password is told and held; nobody is asked to sign, and the password is nowhere")
  func wrongPassword() async throws {
    try await CertificateWorld.lend { world, authority in
      let canary = "canary-wrong-password"
      let wanted = world.wanted()
      let failure = try await world.failure(
        world.certificates(password: Secret(canary)), world.desired(wanted))
      #expect(failure.persistence == .permanent)
      #expect(failure.description.contains("passphrase is wrong"))
      #expect(failure.hint?.contains("credentials/password") == true)
      #expect(authority.posts.isEmpty)
      #expect(!"\(failure)".contains(canary))
      try expectNowhere(canary, world)
    }
  }

  @Test("Passwords, tokens and keys are nowhere but where they belong")
  func canaries() async throws {
    try await CertificateWorld.lend { world, _ in
      let wanted = world.wanted()
      try await world.pass(world.certificates(), world.desired(wanted))
      try StepCAServer.password.reveal { try expectNowhere($0, world) }
      let key = try String(contentsOf: URL(filePath: wanted.place.keyPath), encoding: .utf8)
      let secret = String(key.split(separator: "\n")[1])
      #expect(!world.guest.commands.contains { $0.contains(secret) })
      // Where it must be, the search finds it.
      let holders = world.state.allFiles().filter { (try? world.state.text($0))?.contains(secret) ?? false }
      #expect(holders.count == 1 && holders.allSatisfy { $0.hasSuffix(".key") })
      #expect(holders.allSatisfy { world.state.mode($0) == 0o600 })
      #expect(world.state.mode("certificates/nginx.internal.example") == 0o700)
    }
  }

  private func expectNowhere(_ secret: String, _ world: CertificateWorld) throws {
    for directory in [world.state, world.guest.directory, world.authority.directory] {
      for file in directory.allFiles() where !file.hasPrefix("db/") {
        #expect((try? directory.text(file))?.contains(secret) != true, "\(file) holds it")
      }
    }
    #expect(!world.guest.commands.contains { $0.contains(secret) })
  }
}
