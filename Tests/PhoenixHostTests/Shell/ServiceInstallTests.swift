import FoundationEssentials
import PhoenixCore
import Testing

@testable import PhoenixHost

@Suite struct ServiceInstallTests {
  private let directory: TemporaryDirectory
  private let shell = LocalGuest.shell()
  private var memory: String { directory.file("memory") }
  private var main: ServiceFile {
    ServiceFile(directory.file("etc/service/main.conf"), mode: FileMode(bits: 0o640), text: "main new\n")
  }
  private var other: ServiceFile { ServiceFile(directory.file("etc/other.conf"), text: "other new\n") }
  private var old: String { directory.file("etc/old.conf") }

  init() throws { directory = try TemporaryDirectory() }

  private func change(test: String = "true", load: String = "true") -> ServiceInstall {
    ServiceInstall(
      memory: memory, files: [main, other], removed: [old], test: test,
      load: "\(load) && date >> '\(directory.file("loads"))'")
  }

  private func install(_ change: ServiceInstall) async throws(Failure) {
    try await shell.install(change, on: LocalGuest.target)
  }

  private func look() async throws -> ServiceFilesState? {
    let paths = [main.path, other.path]
    let result = try await shell.run(
      LocalGuest.target,
      argv: ["sh", "-c", ServiceFilesScript.look + #"service_files "$@""#, "phoenix", memory] + paths)
    let fields = result.stdout.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    return ServiceFilesScript.parse(fields, paths: paths)
  }

  private func before() throws {
    try FileManager.default.createDirectory(
      atPath: directory.file("etc/service"), withIntermediateDirectories: true)
    try directory.write("main old\n", to: "etc/service/main.conf", mode: 0o600)
    try directory.write("old\n", to: "etc/old.conf")
  }

  @Test func filesAreThereWithTheirPermissionsAndLoadedOnce() async throws {
    try await install(change())
    #expect(try directory.text("etc/service/main.conf") == "main new\n")
    #expect(directory.mode("etc/service/main.conf") == 0o640)
    #expect(directory.mode("etc/service") == 0o755)
    #expect(try directory.text("loads").split(separator: "\n").count == 1)
    #expect(try await look() == ServiceFilesState([main, other]))
    #expect(try directory.names(in: "memory") == ["loaded"])
  }

  /// Somebody edits a file, lets the service load that, and puts back what was there.
  @Test func whatWasPutBackAfterAnEditIsSeen() async throws {
    try await install(change())
    try await install(change())
    #expect(try await look()?.isTouched == false)
    try directory.write("main other\n", to: "etc/service/main.conf", mode: 0o640)
    try directory.write("main new\n", to: "etc/service/main.conf", mode: 0o640)
    let state = try #require(try await look())
    #expect(state.differences(from: [main, other]).isEmpty)
    #expect(state.isTouched)
    try await install(change())
    #expect(try await look() == ServiceFilesState([main, other]))
  }

  @Test func whatShouldNotBeThereGoes() async throws {
    try before()
    try await install(change())
    #expect(try directory.names(in: "etc") == ["other.conf", "service"])
  }

  @Test(arguments: [("echo no >&2; false", "true"), ("true", "false")])
  func whatIsRefusedIsPutBack(test: String, load: String) async throws {
    try before()
    let failure = await #expect(throws: Failure.self) {
      try await install(change(test: test, load: load))
    }
    #expect(failure?.persistence == .transient)
    #expect(try directory.text("etc/service/main.conf") == "main old\n")
    #expect(directory.mode("etc/service/main.conf") == 0o600)
    #expect(try directory.names(in: "etc") == ["old.conf", "service"])
    #expect(try await look()?.isUnfinished == false)
    #expect(try await look()?.files[other.path] == nil)
  }

  /// The test of the files kills the whole script: what was begun is seen, and the next attempt ends it or puts back
  /// what was there before the first.
  @Test(arguments: [true, false]) func aKilledChangeIsSeenAndEnded(isTakenThen: Bool) async throws {
    try before()
    await #expect(throws: Failure.self) {
      try await install(change(test: "kill -KILL $PPID; sleep 1"))
    }
    #expect(try await look()?.isUnfinished == true)
    #expect(try directory.text("etc/service/main.conf") == "main new\n")
    if isTakenThen {
      try await install(change())
      #expect(try await look() == ServiceFilesState([main, other]))
    } else {
      await #expect(throws: Failure.self) { try await install(change(test: "false")) }
      #expect(try directory.text("etc/service/main.conf") == "main old\n")
      #expect(try directory.text("etc/old.conf") == "old\n")
      #expect(try await look()?.isUnfinished == false)
    }
  }

  /// The script of a phoenixd that was killed goes on in the guest.
  @Test func twoChangesOfTheSameFilesDoNotMeet() async throws {
    let (memory, log) = (memory, directory.file("log"))
    let load = "echo begin >> '\(log)'; sleep 1; echo end >> '\(log)'"
    let slow = ServiceInstall(memory: memory, files: [main], test: "true", load: load)
    async let first: Void = install(slow)
    async let second: Void = install(slow)
    _ = try await (first, second)
    #expect(try directory.text("log") == "begin\nend\nbegin\nend\n")
    #expect(try await look()?.isTouched == false)
  }

  @Test(arguments: ["relative", "/etc/../shadow", "/etc/a\nb"])
  func aPathThatLeadsElsewhereIsRefused(path: String) async {
    let change = ServiceInstall(
      memory: memory, files: [ServiceFile(path, text: "")], test: "true", load: "true")
    let failure = await #expect(throws: Failure.self) { try await install(change) }
    #expect(failure?.persistence == .permanent)
  }

  @Test(arguments: [
    [], ["over"], ["ended"], ["ended", "-"], ["ended", "-", "x y z"], ["ended", "-", "-", "-"],
    ["ended", "-", "\(String(repeating: "a", count: 64)) 644 root:root !"],
  ]) func anAnswerThatIsNoneIsNotUnderstood(fields: [String]) {
    #expect(ServiceFilesScript.parse(fields, paths: ["/a", "/b"]) == nil)
  }
}
