import Glibc
import PhoenixHost
import Testing

@Suite struct ProcessLockTests {
  private let directory: TemporaryDirectory
  private var path: String { directory.file("lock") }

  init() throws { directory = try TemporaryDirectory() }

  private func isFree() throws -> Bool {
    if case .acquired = try ProcessLock.acquire(path, purpose: "a look") { true } else { false }
  }

  @Test func onlyOneHoldsItAndTheOtherLearnsWho() throws {
    guard case .acquired(let lock) = try ProcessLock.acquire(path, purpose: "phoenix apply") else {
      return #expect(Bool(false), "not free")
    }
    guard case .held(let holder) = try ProcessLock.acquire(path, purpose: "phoenixd") else {
      return #expect(Bool(false), "not held")
    }
    #expect(holder.pid == getpid())
    #expect(holder.purpose == "phoenix apply")
    withExtendedLifetime(lock) {}
  }

  @Test func itEndsWithItsHolderHoweverThatEnds() async throws {
    let path = path
    let probe = Task { try await Probe.run(["lock", path], timeout: .seconds(60)) }
    // The holder writes who it is just after it has the lock.
    var holder: ProcessLock.Holder?
    for _ in 0..<600 where holder?.purpose == nil {
      if case .held(let seen) = try ProcessLock.acquire(path, purpose: "a look") { holder = seen }
      try await Task.sleep(for: .milliseconds(50))
    }
    #expect(holder?.purpose == "probe of the tests")
    kill(try #require(holder?.pid), SIGKILL)
    #expect(try await probe.value.status == .signaled(SIGKILL))
    #expect(try isFree())
  }

  @Test func aChildDoesNotInheritIt() async throws {
    var attempt: ProcessLock.Attempt? = try ProcessLock.acquire(path, purpose: "phoenixd")
    guard case .acquired = attempt else { return #expect(Bool(false), "not free") }
    let child = Task { try await Processes.run(ProcessCommand(["sleep", "60"])) }
    try await Task.sleep(for: .milliseconds(100))
    attempt = nil
    // Soon, not at once: a child of another test may stand between fork and exec just now.
    #expect(try await eventually { try isFree() })
    child.cancel()
    _ = try await child.value
  }

  @Test func aLinkIsNotFollowed() throws {
    symlink(directory.file("elsewhere"), path)
    #expect(throws: (any Error).self) { try ProcessLock.acquire(path, purpose: "x") }
  }
}
