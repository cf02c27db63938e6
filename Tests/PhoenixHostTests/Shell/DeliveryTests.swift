import FoundationEssentials
import Glibc
import PhoenixCore
import Testing

@testable import PhoenixHost

@Suite struct DeliveryTests {
  private let directory: TemporaryDirectory
  private let shell = LocalGuest.shell()
  private var base: String { directory.file("certs/nginx.internal.example") }

  init() throws { directory = try TemporaryDirectory() }

  private func delivery(_ generation: String, content: String? = nil, keep: Int = 3) -> Delivery {
    let content = content ?? generation
    return Delivery(
      base: base, generation: generation,
      files: [
        DeliveredFile("cert.pem", mode: 0o644, .bytes(Array("cert \(content)".utf8))),
        DeliveredFile("key.pem", mode: 0o600, .secret(Secret("key \(content)"))),
        DeliveredFile("empty", mode: 0o640, .bytes([])),
        DeliveredFile("block", mode: 0o600, .bytes([UInt8](repeating: 0xFF, count: 512))),
      ], keep: keep)
  }

  private func current(_ file: String) throws -> String {
    try directory.text("certs/nginx.internal.example/current/\(file)")
  }

  @Test func filesAppearTogetherWithTheirPermissions() async throws {
    let receipt = try await shell.deliver(delivery("g1"), to: LocalGuest.target)
    #expect(receipt == DeliveryReceipt(previous: nil, switched: true))
    #expect(try current("cert.pem") == "cert g1")
    #expect(try current("key.pem") == "key g1")
    let folder = "certs/nginx.internal.example/current"
    #expect(directory.mode("\(folder)/cert.pem") == 0o644)
    #expect(directory.mode("\(folder)/key.pem") == 0o600)
    #expect(directory.mode("\(folder)/empty") == 0o640)
    #expect(try directory.read("\(folder)/block") == [UInt8](repeating: 0xFF, count: 512))
    #expect(try directory.names(in: "certs/nginx.internal.example") == ["current", "generations"])
  }

  @Test func againChangesNothingAndTheNextTellsTheOneBefore() async throws {
    _ = try await shell.deliver(delivery("g1"), to: LocalGuest.target)
    let before = try FileManager.default.attributesOfItem(atPath: "\(base)/generations/g1/key.pem")
    #expect(
      try await shell.deliver(delivery("g1"), to: LocalGuest.target)
        == DeliveryReceipt(previous: "g1", switched: false))
    let after = try FileManager.default.attributesOfItem(atPath: "\(base)/generations/g1/key.pem")
    #expect(before[.systemFileNumber] as? UInt64 == after[.systemFileNumber] as? UInt64)
    #expect(
      try await shell.deliver(delivery("g2"), to: LocalGuest.target)
        == DeliveryReceipt(previous: "g1", switched: true))
    #expect(try current("key.pem") == "key g2")
  }

  @Test func wrongPermissionsOfWhatIsInUseAreMended() async throws {
    _ = try await shell.deliver(delivery("g1"), to: LocalGuest.target)
    chmod("\(base)/current/key.pem", 0o644)
    _ = try await shell.deliver(delivery("g1"), to: LocalGuest.target)
    #expect(directory.mode("certs/nginx.internal.example/current/key.pem") == 0o600)
  }

  @Test func aGenerationInUseIsNeverGivenOtherContent() async throws {
    _ = try await shell.deliver(delivery("g1"), to: LocalGuest.target)
    let failure = await #expect(throws: Failure.self) {
      try await shell.deliver(delivery("g1", content: "other"), to: LocalGuest.target)
    }
    #expect(failure?.persistence == .conflict)
    #expect(try current("key.pem") == "key g1")
  }

  @Test func oldGenerationsGoButNeverTheCurrentAndTheOneBefore() async throws {
    for number in 1...6 {
      _ = try await shell.deliver(delivery("g\(number)"), to: LocalGuest.target)
      // The order of generations is that of their directories' times.
      let time = timespec(tv_sec: 1_700_000_000 + number, tv_nsec: 0)
      utimensat(AT_FDCWD, "\(base)/generations/g\(number)", [time, time], 0)
    }
    #expect(try directory.names(in: "certs/nginx.internal.example/generations") == ["g4", "g5", "g6"])
    _ = try await shell.activate(generation: "g4", base: base, on: LocalGuest.target)
    _ = try await shell.deliver(delivery("g7", keep: 1), to: LocalGuest.target)
    #expect(try directory.names(in: "certs/nginx.internal.example/generations") == ["g4", "g7"])
  }

  @Test func aRollBackIsOneSwitch() async throws {
    _ = try await shell.deliver(delivery("g1"), to: LocalGuest.target)
    _ = try await shell.deliver(delivery("g2"), to: LocalGuest.target)
    #expect(
      try await shell.activate(generation: "g1", base: base, on: LocalGuest.target)
        == DeliveryReceipt(previous: "g2", switched: true))
    #expect(try current("key.pem") == "key g1")
    let failure = await #expect(throws: Failure.self) {
      try await shell.activate(generation: "g9", base: base, on: LocalGuest.target)
    }
    #expect(failure?.persistence == .permanent)
    #expect(try current("key.pem") == "key g1")
  }

  @Test func anUnknownOwnerLeavesWhatIs() async throws {
    _ = try await shell.deliver(delivery("g1"), to: LocalGuest.target)
    let bad = Delivery(
      base: base, generation: "g2",
      files: [DeliveredFile("key.pem", mode: 0o600, owner: "no-such-user:root", .bytes([1]))])
    await #expect(throws: Failure.self) { try await shell.deliver(bad, to: LocalGuest.target) }
    #expect(try current("key.pem") == "key g1")
  }

  @Test(.enabled(if: geteuid() == 0)) func ownersAreSetByName() async throws {
    let files = [DeliveredFile("key.pem", mode: 0o440, owner: "nobody:daemon", .bytes([1]))]
    _ = try await shell.deliver(
      Delivery(base: base, generation: "g1", files: files), to: LocalGuest.target)
    let found = try await shell.observeFiles([FileQuery("\(base)/current/key.pem")], on: LocalGuest.target)
    #expect(found["\(base)/current/key.pem"]?.value?.owner == "nobody:daemon")
    #expect(found["\(base)/current/key.pem"]?.value?.mode == 0o440)
  }

  /// The connection breaks anywhere in the middle of the archive.
  @Test(arguments: [0, 1, 511, 512, 520, 1024, 1030, 2048, 3000, 4000])
  func aBrokenTransferLeavesWhatIs(length: Int) async throws {
    _ = try await shell.deliver(delivery("g1"), to: LocalGuest.target)
    let broken = LocalGuest.shell { $0.stdin = Array($0.stdin.prefix(length)) }
    let result = await Result { try await broken.deliver(delivery("g2"), to: LocalGuest.target) }
    if (try? result.get()) == nil {
      #expect(try current("key.pem") == "key g1")
    } else {
      #expect(try current("block").utf8.count > 0)  // only the end mark was lost
    }
    _ = try await shell.deliver(delivery("g2"), to: LocalGuest.target)
    #expect(try current("key.pem") == "key g2")
    #expect(try directory.names(in: "certs/nginx.internal.example") == ["current", "generations"])
  }

  /// The script is killed at random moments: what is current is always one whole generation.
  @Test func aKilledDeliveryLeavesAWholeGeneration() async throws {
    _ = try await shell.deliver(delivery("g0"), to: LocalGuest.target)
    for round in 1...(Fuzzing.number("PHOENIX_RANDOM_KILLS") ?? 20) {
      let hasty = LocalGuest.shell { $0.timeout = .milliseconds(Int.random(in: 1...60)) }
      _ = try? await hasty.deliver(delivery("g\(round)"), to: LocalGuest.target)
      let generation = try current("cert.pem").dropFirst("cert ".count)
      #expect(try current("key.pem") == "key \(generation)")
      #expect(directory.mode("certs/nginx.internal.example/current/key.pem") == 0o600)
    }
    _ = try await shell.deliver(delivery("last"), to: LocalGuest.target)
    #expect(try current("key.pem") == "key last")
  }

  @Test(.enabled(if: SmallDisk.isPossible)) func aFullDiskOfTheGuestLeavesWhatIs() async throws {
    let disk = try SmallDisk(bytes: 128 * 1024)
    let small = Delivery(
      base: disk.directory.file("c"), generation: "g1",
      files: [DeliveredFile("key.pem", mode: 0o600, .bytes([1]))])
    _ = try await shell.deliver(small, to: LocalGuest.target)
    let large = Delivery(
      base: disk.directory.file("c"), generation: "g2",
      files: [DeliveredFile("key.pem", mode: 0o600, .bytes([UInt8](repeating: 2, count: 500_000)))])
    let failure = await #expect(throws: Failure.self) {
      try await shell.deliver(large, to: LocalGuest.target)
    }
    #expect(failure?.persistence == .transient)
    #expect(failure?.hint?.contains("df -h") == true)
    #expect(try disk.directory.read("c/current/key.pem") == [1])
    #expect(try disk.directory.names(in: "c") == ["current", "generations"])
  }

  @Test func aLinkInThePlaceOfTheDirectoryIsRefused() async throws {
    mkdir(directory.file("elsewhere"), 0o755)
    mkdir(directory.file("certs"), 0o755)
    symlink(directory.file("elsewhere"), base)
    await #expect(throws: Failure.self) { try await shell.deliver(delivery("g1"), to: LocalGuest.target) }
    #expect(try directory.names(in: "elsewhere") == [])
  }

  @Test(arguments: ["../g", "a/b", "", ".x", "-x", "a b", "a\nb"])
  func namesThatLeadElsewhereAreRefused(name: String) async {
    let byGeneration = Delivery(base: base, generation: name, files: [])
    let byFile = Delivery(
      base: base, generation: "g1", files: [DeliveredFile(name, mode: 0o600, .bytes([]))])
    let byOwner = Delivery(
      base: base, generation: "g1", files: [DeliveredFile("f", mode: 0o600, owner: "-\(name)", .bytes([]))])
    for delivery in [byGeneration, byFile, byOwner] {
      await #expect(throws: Failure.self) { try await shell.deliver(delivery, to: LocalGuest.target) }
    }
    #expect((try? directory.names()) == [])
  }

  @Test func aSecretTravelsOnlyByInput() async throws {
    let shell = LocalGuest.shell { command in
      #expect(!command.argv.contains { $0.contains("key g1") })
      #expect(!command.environment.values.contains { $0.contains("key g1") })
    }
    _ = try await shell.deliver(delivery("g1"), to: LocalGuest.target)
  }
}

extension Result {
  /// Catches what an asynchronous body throws.
  fileprivate init(_ body: () async throws(Failure) -> Success) async {
    do throws(Failure) { self = .success(try await body()) } catch { self = .failure(error) }
  }
}
