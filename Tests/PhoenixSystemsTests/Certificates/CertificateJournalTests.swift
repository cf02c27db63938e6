import FoundationEssentials
import PhoenixCore
import PhoenixNetwork
import Testing

@testable import PhoenixSystems

/// The records and keys in the state directory.
@Suite("What is kept of certificates", .timeLimit(.minutes(5)))
struct CertificateJournalTests {
  private let guest: CertificateGuest
  private var world: CertificateWorld { guest.world }

  init() async throws { guest = try await CertificateGuest() }

  @Test("A full state directory stops the issue before anybody is asked", .enabled(if: SmallDisk.isPossible))
  func fullState() async throws {
    let disk = try SmallDisk(kilobytes: 64)
    try disk.fill()
    let shell = world.guest.shell
    let system = Certificates(
      client: world.client,
      keys: Certificates.Keys(
        password: { _ throws(Failure) in
          Issue.record("the password was asked for")
          return StepCAServer.password
        }, shell: { () throws(Failure) in shell }), stateDirectory: disk.path, clock: world.clock.clock)
    let change = try #require(await guest.pending(system).first)
    #expect(try await change.failure().persistence == .transient)
    #expect(guest.directory.allFiles().isEmpty)
  }

  @Test(
    "Names that lead elsewhere are refused at the state directory too",
    arguments: ["../x", "", ".x", "a/b", "a\nb"])
  func names(name: String) async throws {
    let journal = CertificateJournal(directory: world.state.file("certificates"), writes: nil)
    await #expect(throws: Failure.self) { try await journal.begin(try PrivateKey.generate(), of: name) }
    #expect(world.state.allFiles().isEmpty)
  }

  @Test(
    "A damaged record is none: nothing of it is used",
    arguments: ["", "garbage", "phoenix-state 1 1 3 00\nabc"])
  func damagedRecord(content: String) async throws {
    _ = try await guest.seed()
    for file in world.state.allFiles() where file.contains("record") {
      try world.state.write(content, to: file)
    }
    let journal = CertificateJournal(directory: world.state.file("certificates"), writes: nil)
    #expect(try await journal.record(of: guest.name) == CertificateRecord())
    #expect(await guest.changes().isEmpty)  // what stands in the guest is right all the same
  }

  @Test("Of keys only the one in use is kept, whatever a kill left of another")
  func oldKeys() async throws {
    let identity = try await guest.seed()
    let folder = "certificates/\(guest.name)"
    let journal = CertificateJournal(directory: world.state.file("certificates"), writes: nil)
    let kept = world.state.names(in: folder)
    try world.state.write("old", to: "\(folder)/0123456789abcdef0123456789abcdef.key")
    try world.state.write("half", to: "\(folder)/fedcba9876543210fedcba9876543210.key.new")
    try await journal.dropOldKeys(of: guest.name)
    #expect(world.state.names(in: folder) == kept)
    let key = try await journal.key(identity.key.publicKeySHA256, of: guest.name)
    #expect(key?.publicKeySHA256 == identity.key.publicKeySHA256)
  }

  @Test("What was delivered before is remembered, the latest first, each once, and not for ever")
  func former() throws {
    func issued(_ number: Int) -> CertificateRecord.Issued {
      CertificateRecord.Issued(chainPEM: "\(number)", rootPEM: "r", keySHA256: "k")
    }
    var record = CertificateRecord()
    record.deliver(issued(1))
    record.deliver(issued(1))
    #expect(record.former == nil && record.all == [issued(1)])
    record.deliver(issued(2))
    record.deliver(issued(1))
    #expect(record.former == [issued(2)] && record.delivered == issued(1))
    for number in 3...8 { record.deliver(issued(number)) }
    #expect(record.former == [7, 6, 5, 4].map(issued))
    // A record from before there was any.
    let old = try JSONDecoder().decode(CertificateRecord.self, from: Data(#"{}"#.utf8))
    #expect(old.former == nil)
  }
}
