import FoundationEssentials
import Glibc
import PhoenixCore
import PhoenixHost
import PhoenixNetwork
import Testing

@testable import PhoenixSystems

/// What happens to files in a guest, while the authority is down.
@Suite("Certificates' files in a guest", .timeLimit(.minutes(5)))
struct CertificateGuestTests {
  private let guest: CertificateGuest
  private var world: CertificateWorld { guest.world }
  private var wanted: Certificates.DesiredCertificate { guest.wanted }
  private var directory: TemporaryDirectory { guest.directory }
  private var name: String { guest.name }

  init() async throws { guest = try await CertificateGuest() }

  @Test("Permissions, owners and links are put right without a new certificate", .enabled(if: geteuid() == 0))
  func settled() async throws {
    let identity = try await guest.seed()
    chmod(directory.file("base/\(name)/current/key.pem"), 0o644)
    #expect(await guest.changes().first?.fields.map(\.field) == ["key_path permissions"])
    try await guest.apply()
    #expect(directory.mode("etc/\(name).key") == 0o640)

    chown(directory.file("base/\(name)/current/cert.pem"), 65534, 65534)
    try await guest.apply()
    #expect(await guest.changes().isEmpty)

    unlink(directory.file("etc/\(name).crt"))
    unlink(directory.file("etc/\(name).root"))
    #expect(await guest.changes().count == 1)
    try await guest.apply()
    #expect(await guest.changes().isEmpty)
    #expect(try world.pair(wanted).leaf == identity.chain.leaf)
  }

  /// `cp` writes through the links, into the generation in use.
  @Test("A certificate overwritten by one that is about to expire is replaced by the one that was issued")
  func overwritten() async throws {
    let identity = try await guest.seed()
    let key = try PrivateKey.generate()
    let now = HostClock.system.wall()
    let short = try await world.authority.mint(
      names: wanted.names, key: key, notBefore: now + .seconds(-3600), notAfter: now + .seconds(60))
    for round in 1...3 {
      try directory.write(short.pem, to: "base/\(name)/current/cert.pem", mode: 0o644)
      try key.pem.reveal { try directory.write($0, to: "base/\(name)/current/key.pem", mode: 0o640) }
      #expect(await guest.changes().count == 1)
      try await guest.apply()
      #expect(await guest.changes().isEmpty, "round \(round)")
      #expect(try world.pair(wanted).leaf == identity.chain.leaf)
    }
  }

  @Test("A certificate without its key gets its own back")
  func tornByHand() async throws {
    let identity = try await guest.seed()
    try PrivateKey.generate().pem.reveal {
      try directory.write($0, to: "base/\(name)/current/key.pem", mode: 0o640)
    }
    try await guest.apply()
    #expect(try world.pair(wanted).leaf == identity.chain.leaf)
    #expect(await guest.changes().isEmpty)
  }

  @Test("A root that somebody adds to the file beside it is taken out, without another certificate")
  func addedRoot() async throws {
    let identity = try await guest.seed()
    let stranger = try await StepCAServer.make()
    try directory.write(
      stranger.root.pem + world.authority.root.pem, to: "base/\(name)/current/ca.pem", mode: 0o644)
    let change = try #require(await guest.changes().first)
    #expect(change.reason.contains("roots that are not ours"))
    let field = try #require(change.fields.first { $0.field == "ca_path" })
    #expect(field.from == .list([world.authority.root.sha256, stranger.root.sha256]))
    #expect(change.isSelfContained && !change.isScheduled)
    try await guest.apply()
    #expect(await guest.changes().isEmpty)
    #expect(try directory.text("etc/\(name).root") == world.authority.root.pem)
    #expect(try world.pair(wanted).leaf == identity.chain.leaf)
  }

  @Test("Plain files that were there before are taken over; at no moment do two of them not fit")
  func adopted() async throws {
    let key = try PrivateKey.generate()
    let old = try await world.authority.mint(names: wanted.names, key: key)
    try directory.make("etc")
    try directory.write(old.pem, to: "etc/\(name).crt", mode: 0o644)
    try key.pem.reveal { try directory.write($0, to: "etc/\(name).key", mode: 0o600) }
    let fresh = try PrivateKey.generate()
    let new = try await world.authority.mint(names: wanted.names, key: fresh)
    let identity = Certificates.Identity(chain: new, rootPEM: world.authority.root.pem, key: fresh)
    let journal = CertificateJournal(directory: world.state.file("certificates"), writes: nil)
    try await journal.begin(fresh, of: name)
    try await journal.save(CertificateRecord(pending: nil, issued: identity.record), of: name)

    let torn = Lock<[String]>([])
    let isOver = Lock(false)
    let (certificate, keyFile) = (wanted.place.certificatePath, wanted.place.keyPath)
    let reader = BlockingThread.task {
      var rounds = 0
      while !isOver.withLock({ $0 }) {
        rounds += 1
        // A reader that finds the certificate unchanged around the key has read both of one moment.
        guard let first = try? Data(contentsOf: URL(filePath: certificate)),
          let key = try? Data(contentsOf: URL(filePath: keyFile)),
          let second = try? Data(contentsOf: URL(filePath: certificate))
        else {
          torn.withLock { $0.append("a file was missing") }
          continue
        }
        guard first == second,
          let chain = try? CertificateChain(pem: String(decoding: first, as: UTF8.self)),
          let read = try? PrivateKey(pem: Secret(String(decoding: key, as: UTF8.self)))
        else { continue }
        if !chain.leaf.matches(read) { torn.withLock { $0.append("\(chain.leaf.serial)") } }
      }
      return rounds
    }
    try await guest.apply(thenEnding: isOver)
    #expect(await reader.value > 0)
    #expect(torn.withLock { $0 } == [])
    #expect(try world.pair(wanted).leaf == new.leaf)
    #expect(await guest.changes().isEmpty)
    #expect(directory.names(in: "base/\(name)/generations").contains("found"))
  }

  @Test("A link of somebody else is refused, and nothing is written")
  func foreignLink() async throws {
    try directory.make("etc")
    try directory.write("secret\n", to: "shadow")
    symlink(directory.file("shadow"), wanted.place.keyPath)
    let change = try #require(await guest.changes().first)
    #expect(change.hold?.contains("symbolic link") == true)
    let failure = await #expect(throws: Failure.self) { try await guest.apply() }
    #expect(failure?.persistence == .permanent)
    #expect(try directory.text("shadow") == "secret\n")
    #expect(world.state.allFiles().isEmpty)
    #expect(directory.allFiles() == ["shadow"])
    // The script refuses it too, should it come up between the look and the act.
    let hands = GuestHands(
      shell: world.guest.shell, place: wanted.place, login: wanted.login, timeout: .seconds(10))
    let identity = Certificates.Identity(
      chain: try await world.authority.mint(names: wanted.names, key: try PrivateKey.generate()),
      rootPEM: world.authority.root.pem, key: try PrivateKey.generate())
    try await hands.deliver(identity, generation: "g1")
    await #expect(throws: Failure.self) { try await hands.settle() }
    #expect(try directory.text("shadow") == "secret\n")
  }

  @Test("With the widest umask the key is never open beyond its permissions")
  func umask() async throws {
    let identity = try await guest.seed(age: .seconds(60))
    try FileManager.default.removeItem(atPath: directory.file("base"))
    try FileManager.default.removeItem(atPath: directory.file("etc"))
    world.guest.fault.withLock {
      $0 = { command throws(Failure) in
        command = ProcessCommand(
          ["/bin/sh", "-c", "umask 000; \(command.argv[2])"], stdin: command.stdin,
          environment: command.environment, timeout: command.timeout, outputLimit: command.outputLimit)
      }
    }
    let isOver = Lock(false)
    let base = directory.file("base/\(name)")
    let watcher = BlockingThread.task {
      var open: [String] = []
      while !isOver.withLock({ $0 }) {
        for path in (try? FileManager.default.subpathsOfDirectory(atPath: base)) ?? []
        where path.hasSuffix("key.pem") {
          var (file, folder) = (stat(), stat())
          let parent = "\(base)/\(path.split(separator: "/").dropLast().joined(separator: "/"))"
          guard stat("\(base)/\(path)", &file) == 0, stat(parent, &folder) == 0 else { continue }
          if file.st_mode & 0o137 != 0, folder.st_mode & 0o077 != 0 { open.append(path) }
        }
      }
      return open
    }
    try await guest.apply(thenEnding: isOver)
    #expect(await watcher.value == [])
    #expect(directory.mode("etc/\(name).key") == 0o640)
    #expect(directory.mode("etc/\(name).crt") == 0o644)
    #expect(directory.mode("base/\(name)") == 0o755)
    #expect(try world.pair(wanted).leaf == identity.chain.leaf)
  }

  @Test("A full disk leaves the old one whole, and runs no hook", .enabled(if: SmallDisk.isPossible))
  func fullDisk() async throws {
    let disk = try SmallDisk(kilobytes: 64)
    var wanted = world.wanted(hook: ["touch", directory.file("hooked")])
    wanted.place.base = "\(disk.path)/\(name)"
    let desired = world.desired(wanted)
    let old = try await world.seed(wanted, age: .seconds(17 * 3600), byToken: false)
    // Another one lies ready, as after an issue.
    let key = try PrivateKey.generate()
    let new = try await world.authority.mint(names: wanted.names, key: key)
    let identity = Certificates.Identity(chain: new, rootPEM: world.authority.root.pem, key: key)
    let journal = CertificateJournal(directory: world.state.file("certificates"), writes: nil)
    try await journal.begin(key, of: name)
    try await journal.save(CertificateRecord(pending: nil, issued: identity.record), of: name)
    let renewal = try #require(await guest.pending(nil, desired).first)
    try disk.fill()
    let failure = try await renewal.failure()
    #expect(failure.persistence == .transient)
    #expect(failure.hint?.contains("df -h") == true)
    #expect(try world.pair(wanted).leaf == old.chain.leaf)
    #expect(access(directory.file("hooked"), F_OK) != 0)
  }
}
