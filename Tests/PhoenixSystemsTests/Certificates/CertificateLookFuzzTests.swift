import FoundationEssentials
import PhoenixCore
import PhoenixHost
import Testing

@testable import PhoenixSystems

/// Answers of guests, damaged in every way; PHOENIX_FUZZ_SECONDS says how long.
@Suite("Garbled answers of guests", .timeLimit(.minutes(60)))
struct CertificateLookFuzzTests {
  @Test("Whatever bytes a guest sends, the reader neither crashes nor believes them")
  func fuzz() async throws {
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
    var random = SystemRandomNumberGenerator()
    let end = ContinuousClock.now + .seconds(fuzzSeconds)
    repeat {
      var bytes = result.stdout
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let index = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: index)
        case 2: bytes.insert(0, at: index)
        default: bytes.removeLast(min(bytes.count - 1, Int.random(in: 1...200, using: &random)))
        }
      }
      let read = try? CertificateLook.parse(bytes, places: [wanted.place])
      #expect(read == nil || read?.count == 1)
    } while ContinuousClock.now < end
  }

  private var fuzzSeconds: Int {
    ProcessInfo.processInfo.environment["PHOENIX_FUZZ_SECONDS"].flatMap { Int($0) } ?? 1
  }
}
