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
}
