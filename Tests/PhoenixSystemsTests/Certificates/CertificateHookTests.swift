import Glibc
import PhoenixCore
import PhoenixNetwork
import Testing

@testable import PhoenixSystems

/// What is run in a guest after a delivery.
@Suite("Commands after a renewal", .timeLimit(.minutes(5)))
struct CertificateHookTests {
  private let guest: CertificateGuest
  private var world: CertificateWorld { guest.world }
  private var wanted: Certificates.DesiredCertificate { guest.wanted }
  private var directory: TemporaryDirectory { guest.directory }

  init() async throws { guest = try await CertificateGuest() }

  @Test(
    "A hook that hangs with children is ended with them; the certificate stays, and the hook is run again")
  func hangingHook() async throws {
    var wanted = self.wanted
    wanted.hook = ["/bin/sh", "-c", "sleep 31338 & sleep 31338"]
    let desired = world.desired(wanted)
    let identity = try await world.seed(wanted, age: .seconds(3600), byToken: false)
    let hasty = world.certificates(commandTimeout: .seconds(2))
    let hanging = try #require(await guest.pending(hasty, desired).first)
    #expect(hanging.change.fields.map(\.field) == ["post_renewal_command"])
    let failure = try await hanging.failure()
    #expect(failure.persistence == .transient)
    #expect(failure.got.contains("time is over"))
    #expect((try? await Programs.run(["pgrep", "-f", "sleep 31338"])) == nil)
    #expect(try world.pair(wanted).leaf == identity.chain.leaf)

    let mark = directory.file("mark")
    wanted.hook = ["touch", mark]
    let again = world.desired(wanted)
    try await #require(guest.pending(nil, again).first).apply()
    #expect(access(mark, F_OK) == 0)
    #expect(await guest.pending(nil, again).isEmpty)
  }

  @Test("A hook's words are handed over as they are: no shell of ours reads them")
  func hookWords() async throws {
    var wanted = self.wanted
    let words = ["a b", "$HOME", "`id`", "'", "\"", "*", ";", "\\", ""]
    wanted.hook = ["/bin/sh", "-c", #"printf '%s\n' "$@" > "$0""#, directory.file("words")] + words
    let desired = world.desired(wanted)
    _ = try await world.seed(wanted, age: .seconds(3600), byToken: false)
    try await #require(guest.pending(nil, desired).first).apply()
    #expect(try directory.text("words") == words.joined(separator: "\n") + "\n")
  }
}
