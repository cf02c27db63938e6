import FuzzKit
import PhoenixCore
import PhoenixHost
import Testing

@testable import PhoenixSystems

/// Answers of guests, damaged in every way; PHOENIX_FUZZ_SECONDS says how long.
@Suite("Garbled answers of guests", .timeLimit(.minutes(60)))
struct CertificateLookFuzzTests {
  @Test("Whatever bytes a guest sends, the reader neither crashes nor believes them")
  func fuzzed() async throws {
    let guest = try await CertificateGuest()
    let (world, wanted) = (guest.world, guest.wanted)
    _ = try await guest.seed()
    let result = try await world.guest.shell.run(
      ShellTarget(wanted.login),
      argv: [
        "sh", "-c", CertificateScripts.look, "phoenix", wanted.place.base, wanted.place.certificatePath,
        wanted.place.keyPath, wanted.place.rootPath ?? "-",
      ])
    let right = try CertificateLook.parse(result.stdout, places: [wanted.place])
    #expect(right.count == 1)
    Fuzz.run([result.stdout]) { bytes in
      let read = try? CertificateLook.parse(bytes, places: [wanted.place])
      #expect(read == nil || read?.count == 1)
    }
  }
}
