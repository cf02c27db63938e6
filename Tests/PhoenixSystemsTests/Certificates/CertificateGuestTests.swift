import FoundationEssentials
import Glibc
import PhoenixCore
import PhoenixHost
import PhoenixNetwork
import Testing

@testable import PhoenixSystems

/// What happens to files in a guest: the real scripts, in this machine's shell. The authority is down throughout,
/// so that whatever comes right came right without it.
@Suite("Certificates' files in a guest", .timeLimit(.minutes(5)))
struct CertificateGuestTests {
  private let world: CertificateWorld
  private let system: Certificates
  private let wanted: Certificates.DesiredCertificate
  private var desired: Certificates.Desired { world.desired(wanted) }
  private var directory: TemporaryDirectory { world.guest.directory }
  private var name: String { wanted.place.commonName }

  init() async throws {
    world = try CertificateWorld(try await StepCAServer.make())
    system = world.certificates()
    wanted = world.wanted()
  }

  /// What the authority would publish if it were asked; nobody listens there.
  private var facts: Facts {
    Facts([
      FactKey("ca.fingerprint", of: "127.0.0.1"): .known(.text(world.authority.root.sha256)),
      FactKey("ca.root", of: "127.0.0.1"): .known(.text(world.authority.root.pem)),
    ])
  }

  private func observe() async -> Certificates.Observed {
    await system.observe(.everything, desired: desired)
  }

  private func place() async throws -> Certificates.Place {
    try #require(await observe().places[wanted.place.name]?.value)
  }

  private func changes() async -> [Change] {
    Certificates.diff(desired: desired, observed: await observe(), facts: facts, now: world.clock.now)
  }

  /// Lets a watcher end however this ends, or it would go on for ever.
  private func apply(thenEnding isOver: Lock<Bool>) async throws {
    defer { isOver.withLock { $0 = true } }
    try await apply()
  }

  private func apply(_ system: Certificates? = nil) async throws {
    let observed = await observe()
    let changes = Certificates.diff(
      desired: desired, observed: observed, facts: facts, now: world.clock.now)
    for change in changes {
      try await (system ?? self.system).apply(change, desired: desired, observed: observed, facts: facts)
    }
  }

  private func seed(age: Duration = .seconds(3600)) async throws -> Certificates.Identity {
    try await world.seed(wanted, age: age, byToken: false)
  }

  // MARK: Looking

  @Test("An empty guest has nothing, which is no error")
  func empty() async throws {
    #expect(try await place() == Certificates.Place(certificate: .absent, key: .absent, root: .absent))
  }

  @Test("What was delivered reads as what was delivered")
  func roundTrip() async throws {
    let identity = try await seed()
    let place = try await place()
    #expect(place.isPair)
    #expect(place.leaf?.fingerprint == identity.chain.leaf.sha256)
    #expect(place.leaf?.rootSHA256 == world.authority.root.sha256)
    #expect(place.leaf?.notAfter == identity.chain.notAfter)
    #expect(await changes().isEmpty)
  }

  @Test(
    "A key that is none is no pair, and its content goes nowhere",
    arguments: ["", "garbage", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
  func noKey(content: String) async throws {
    _ = try await seed()
    try directory.write(content, to: "base/\(name)/current/key.pem", mode: 0o640)
    #expect(try await place().keySHA256 == nil)
    #expect(await changes().first?.fields.map(\.field).contains("key") == true)
  }

  @Test("A key under a passphrase does not hang the look")
  func encryptedKey() async throws {
    _ = try await seed()
    let path = directory.file("base/\(name)/current/key.pem")
    try await Programs.run([
      "openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-aes256", "-pass",
      "pass:x", "-out", path,
    ])
    #expect(try await place().keySHA256 == nil)
  }

  @Test("A guest that says anything else is unreadable", arguments: ["hello", "", "absent\\0", "end\\0x"])
  func garbled(answer: String) async throws {
    world.guest.fault.withLock {
      $0 = { command throws(Failure) in
        command = ProcessCommand(["printf", "%b", answer], timeout: command.timeout)
      }
    }
    let reason = await observe().places[name]?.unreadableReason
    #expect(reason?.contains("cannot be understood") == true)
    #expect(await changes().isEmpty)
  }

  @Test("Whatever bytes a guest sends, the reader neither crashes nor believes them")
  func fuzz() async throws {
    _ = try await seed()
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

  // MARK: Putting right

  @Test("Permissions, owners and links are put right without a new certificate", .enabled(if: geteuid() == 0))
  func settled() async throws {
    let identity = try await seed()
    chmod(directory.file("base/\(name)/current/key.pem"), 0o644)
    #expect(await changes().first?.fields.map(\.field) == ["key_path permissions"])
    try await apply()
    #expect(directory.mode("etc/\(name).key") == 0o640)

    chown(directory.file("base/\(name)/current/cert.pem"), 65534, 65534)
    try await apply()
    #expect(await changes().isEmpty)

    unlink(directory.file("etc/\(name).crt"))
    unlink(directory.file("etc/\(name).root"))
    #expect(await changes().count == 1)
    try await apply()
    #expect(await changes().isEmpty)
    #expect(try world.pair(wanted).leaf == identity.chain.leaf)
  }

  /// `cp` writes through the links, into the generation in use.
  @Test("A certificate overwritten by one that is about to expire is replaced by the one that was issued")
  func overwritten() async throws {
    let identity = try await seed()
    let key = try PrivateKey.generate()
    let now = HostClock.system.wall()
    let short = try await world.authority.mint(
      names: wanted.names, key: key, notBefore: now + .seconds(-3600), notAfter: now + .seconds(60))
    for round in 1...3 {
      try directory.write(short.pem, to: "base/\(name)/current/cert.pem", mode: 0o644)
      try key.pem.reveal { try directory.write($0, to: "base/\(name)/current/key.pem", mode: 0o640) }
      #expect(await changes().count == 1)
      try await apply()
      #expect(await changes().isEmpty, "round \(round)")
      #expect(try world.pair(wanted).leaf == identity.chain.leaf)
    }
  }

  @Test("A certificate without its key gets its own back")
  func tornByHand() async throws {
    let identity = try await seed()
    try PrivateKey.generate().pem.reveal {
      try directory.write($0, to: "base/\(name)/current/key.pem", mode: 0o640)
    }
    try await apply()
    #expect(try world.pair(wanted).leaf == identity.chain.leaf)
    #expect(await changes().isEmpty)
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
    try await apply(thenEnding: isOver)
    #expect(await reader.value > 0)
    #expect(torn.withLock { $0 } == [])
    #expect(try world.pair(wanted).leaf == new.leaf)
    #expect(await changes().isEmpty)
    #expect(directory.names(in: "base/\(name)/generations").contains("found"))
  }

  @Test("A link of somebody else is refused, and nothing is written")
  func foreignLink() async throws {
    try directory.make("etc")
    try directory.write("secret\n", to: "shadow")
    symlink(directory.file("shadow"), wanted.place.keyPath)
    let change = try #require(await changes().first)
    #expect(change.hold?.contains("symbolic link") == true)
    let failure = await #expect(throws: Failure.self) { try await apply() }
    #expect(failure?.persistence == .permanent)
    #expect(try directory.text("shadow") == "secret\n")
    #expect(world.state.allFiles().isEmpty)
    #expect(directory.allFiles() == ["shadow"])
    // The script refuses it too, should it come up between the look and the act.
    let hands = GuestHands(shell: world.guest.shell, wanted: wanted, timeout: .seconds(10))
    let identity = Certificates.Identity(
      chain: try await world.authority.mint(names: wanted.names, key: try PrivateKey.generate()),
      rootPEM: world.authority.root.pem, key: try PrivateKey.generate())
    try await hands.deliver(identity, generation: "g1")
    await #expect(throws: Failure.self) { try await hands.settle() }
    #expect(try directory.text("shadow") == "secret\n")
  }

  @Test("With the widest umask the key is never open beyond its permissions")
  func umask() async throws {
    let identity = try await seed(age: .seconds(60))
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
    try await apply(thenEnding: isOver)
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
    let old = try await world.seed(wanted, age: .seconds(3600), byToken: false)
    let mark = directory.file("hooked")
    let observed = await system.observe(.everything, desired: desired)
    #expect(observed.places[name]?.value?.isPair == true)
    try disk.fill()
    // Another one lies ready, as after an issue.
    let key = try PrivateKey.generate()
    let new = try await world.authority.mint(names: wanted.names, key: key)
    let hands = GuestHands(shell: world.guest.shell, wanted: wanted, timeout: .seconds(10))
    let failure = await #expect(throws: Failure.self) {
      try await hands.deliver(
        Certificates.Identity(chain: new, rootPEM: world.authority.root.pem, key: key), generation: "g2")
    }
    #expect(failure?.persistence == .transient)
    #expect(failure?.hint?.contains("df -h") == true)
    #expect(try world.pair(wanted).leaf == old.chain.leaf)
    #expect(access(mark, F_OK) != 0)
  }

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
    let failure = await #expect(throws: Failure.self) { try await apply(system) }
    #expect(failure?.persistence == .transient)
    #expect(directory.allFiles().isEmpty)
  }

  // MARK: Hooks

  @Test(
    "A hook that hangs with children is ended with them; the certificate stays, and the hook is run again")
  func hangingHook() async throws {
    var wanted = self.wanted
    wanted.hook = ["/bin/sh", "-c", "sleep 31338 & sleep 31338"]
    let desired = world.desired(wanted)
    let identity = try await world.seed(wanted, age: .seconds(3600), byToken: false)
    let hasty = world.certificates(commandTimeout: .seconds(2))
    let observed = await hasty.observe(.everything, desired: desired)
    let change = try #require(
      Certificates.diff(desired: desired, observed: observed, facts: facts, now: world.clock.now).first)
    #expect(change.fields.map(\.field) == ["post_renewal_command"])
    let failure = await #expect(throws: Failure.self) {
      try await hasty.apply(change, desired: desired, observed: observed, facts: facts)
    }
    #expect(failure?.persistence == .transient)
    #expect(failure?.got.contains("time is over") == true)
    #expect((try? await Programs.run(["pgrep", "-f", "sleep 31338"])) == nil)
    #expect(try world.pair(wanted).leaf == identity.chain.leaf)

    let mark = directory.file("mark")
    wanted.hook = ["touch", mark]
    let again = world.desired(wanted)
    let later = await system.observe(.everything, desired: again)
    let next = try #require(
      Certificates.diff(desired: again, observed: later, facts: facts, now: world.clock.now).first)
    try await system.apply(next, desired: again, observed: later, facts: facts)
    #expect(access(mark, F_OK) == 0)
    let after = await system.observe(.everything, desired: again)
    #expect(Certificates.diff(desired: again, observed: after, facts: facts, now: world.clock.now).isEmpty)
  }

  @Test("A hook's words are handed over as they are: no shell of ours reads them")
  func hookWords() async throws {
    var wanted = self.wanted
    let words = ["a b", "$HOME", "`id`", "'", "\"", "*", ";", "\\", ""]
    wanted.hook = ["/bin/sh", "-c", #"printf '%s\n' "$@" > "$0""#, directory.file("words")] + words
    let desired = world.desired(wanted)
    _ = try await world.seed(wanted, age: .seconds(3600), byToken: false)
    let observed = await system.observe(.everything, desired: desired)
    let change = try #require(
      Certificates.diff(desired: desired, observed: observed, facts: facts, now: world.clock.now).first)
    try await system.apply(change, desired: desired, observed: observed, facts: facts)
    #expect(try directory.text("words") == words.joined(separator: "\n") + "\n")
  }

  // MARK: The state directory

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
    _ = try await seed()
    for file in world.state.allFiles() where file.contains("record") {
      try world.state.write(content, to: file)
    }
    let journal = CertificateJournal(directory: world.state.file("certificates"), writes: nil)
    #expect(try await journal.record(of: name) == CertificateRecord())
    #expect(await changes().isEmpty)  // what stands in the guest is right all the same
  }
}
