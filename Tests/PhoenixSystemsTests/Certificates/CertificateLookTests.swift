import FoundationEssentials
import PhoenixCore
import PhoenixHost
import PhoenixNetwork
import Testing

@testable import PhoenixSystems

/// What a guest has and says, read right or not at all.
@Suite("Looking at certificates in a guest", .timeLimit(.minutes(5)))
struct CertificateLookTests {
  private let guest: CertificateGuest
  private var world: CertificateWorld { guest.world }
  private var wanted: Certificates.DesiredCertificate { guest.wanted }
  private var directory: TemporaryDirectory { guest.directory }
  private var name: String { guest.name }

  init() async throws { guest = try await CertificateGuest() }

  @Test("An empty guest has nothing, which is no error")
  func empty() async throws {
    #expect(try await guest.place() == Certificates.Place(certificate: .absent, key: .absent, root: .absent))
  }

  @Test("What was delivered reads as what was delivered")
  func roundTrip() async throws {
    let identity = try await guest.seed()
    let place = try await guest.place()
    #expect(place.isPair)
    #expect(place.leaf?.fingerprint == identity.chain.leaf.sha256)
    #expect(place.leaf?.rootSHA256 == world.authority.root.sha256)
    #expect(place.leaf?.notAfter == identity.chain.notAfter)
    #expect(await guest.changes().isEmpty)
  }

  @Test(
    "A key that is none is no pair, and its content goes nowhere",
    arguments: ["", "garbage", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
  func noKey(content: String) async throws {
    _ = try await guest.seed()
    try directory.write(content, to: "base/\(name)/current/key.pem", mode: 0o640)
    #expect(try await guest.place().keySHA256 == nil)
    #expect(await guest.changes().first?.fields.map(\.field).contains("key") == true)
  }

  @Test("A key under a passphrase does not hang the look")
  func encryptedKey() async throws {
    _ = try await guest.seed()
    let path = directory.file("base/\(name)/current/key.pem")
    try await Programs.run([
      "openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-aes256", "-pass",
      "pass:x", "-out", path,
    ])
    #expect(try await guest.place().keySHA256 == nil)
  }

  @Test("A guest that says anything else is unreadable", arguments: ["hello", "", "absent\\0", "end\\0x"])
  func garbled(answer: String) async throws {
    world.guest.fault.withLock {
      $0 = { command throws(Failure) in
        command = ProcessCommand(["printf", "%b", answer], timeout: command.timeout)
      }
    }
    let reason = await guest.observe().places[name]?.unreadableReason
    #expect(reason?.contains("cannot be understood") == true)
    #expect(await guest.changes().isEmpty)
  }

  @Test("Whatever bytes a guest sends, the reader neither crashes nor believes them")
  func fuzz() async throws {
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
