import Glibc
import PhoenixCore
import PhoenixHost
import Testing

@Suite struct ProcessesTests {
  private func shell(
    _ script: String, _ arguments: [String] = [], stdin: [UInt8] = [], timeout: Duration = .seconds(30),
    grace: Duration = .seconds(5), outputLimit: Int = 1 << 20
  ) async throws -> ProcessResult {
    try await Processes.run(
      ProcessCommand(
        ["/bin/sh", "-c", script, "sh"] + arguments, stdin: stdin, timeout: timeout, grace: grace,
        outputLimit: outputLimit))
  }

  private func isGone(_ pid: Int32) async -> Bool {
    await eventually { kill(pid, 0) != 0 && errno == ESRCH }
  }

  @Test func argumentsArriveAsTheyAre() async throws {
    let words = ["", " ", "-n", "a\nb", "it's", "\"", "$HOME", "*", "ü", "\\", ";", "--"]
    let result = try await shell(#"printf '%s\0' "$@""#, words)
    #expect(result.stdout == Array(words.flatMap { Array($0.utf8) + [0] }))
  }

  @Test(arguments: [0, 1, 2, 78, 127, 255] as [Int32]) func itsStatusIsTold(code: Int32) async throws {
    #expect(try await shell("exit \(code)").status == .exited(code))
  }

  @Test(arguments: [SIGTERM, SIGKILL, SIGSEGV]) func itsSignalIsTold(signal: Int32) async throws {
    #expect(try await shell("kill -\(signal) $$").status == .signaled(signal))
  }

  @Test func largeInputGoesThrough() async throws {
    let input = (0..<8_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let command = ProcessCommand(["cat"], stdin: input, outputLimit: 10_000_000)
    let result = try await Processes.run(command)
    #expect(result.status.isSuccess)
    #expect(result.stdout == input)
    #expect(!result.stdoutTruncated)
  }

  /// A program may end without reading its input; the daemon must not end with it.
  @Test(arguments: [
    "exit 3", "exec 0<&-; sleep 0.1; exit 3", "head -c 10 > /dev/null; exit 3", "sleep 0.2; exit 3",
  ])
  func unreadInputDoesNoHarm(script: String) async throws {
    let input = [UInt8](repeating: 0x78, count: 4_000_000)
    #expect(try await shell(script, stdin: input).status == .exited(3))
  }

  @Test func theEndOfLongOutputIsKept() async throws {
    let result = try await shell("seq 1 200000; seq 1 200000 >&2", outputLimit: 1000)
    #expect(result.stdout.count == 1000 && result.stderr.count == 1000)
    #expect(result.text.hasSuffix("199999\n200000\n"))
    #expect(result.stdoutTruncated)
    let short = try await shell("printf 0123456789", outputLimit: 10)
    #expect(short.text == "0123456789" && !short.stdoutTruncated)
  }

  @Test func itIsEndedWhenItsTimeIsOver() async throws {
    let result = try await shell("echo before; sleep 1000", timeout: .milliseconds(300))
    #expect(result.status == .timedOut)
    #expect(result.text == "before\n")
  }

  @Test func whatWillNotEndIsKilled() async throws {
    let result = try await shell(
      "trap '' TERM; echo $$; while :; do sleep 0.05; done", timeout: .milliseconds(300),
      grace: .milliseconds(200))
    #expect(result.status == .timedOut)
    #expect(await isGone(try #require(Int32(result.text.dropLast()))))
  }

  @Test func whatIsStoppedIsEndedToo() async throws {
    let result = try await shell("kill -STOP $$", timeout: .milliseconds(200), grace: .milliseconds(200))
    #expect(result.status == .timedOut)
  }

  @Test(arguments: [
    "sleep 1000 & echo $!; wait", "(trap '' TERM; sleep 1000) & echo $!; wait",
    "sh -c 'sleep 1000 & echo $!; wait'",
  ])
  func grandchildrenAreEndedWithIt(script: String) async throws {
    let result = try await shell(script, timeout: .milliseconds(300), grace: .milliseconds(200))
    #expect(result.status == .timedOut)
    #expect(await isGone(try #require(Int32(result.text.dropLast()))))
  }

  @Test func whatItLeavesBehindEndsWithIt() async throws {
    let result = try await shell("sleep 1000 & echo $!", timeout: .seconds(300))
    #expect(result.status.isSuccess)
    #expect(await isGone(try #require(Int32(result.text.dropLast()))))
  }

  /// A connection master of ssh makes a session of its own and may hold the output open.
  @Test func whatMakesASessionOfItsOwnIsNotWaitedFor() async throws {
    let result = try await shell("setsid sleep 1000 & echo $!; sleep 0.2", timeout: .seconds(300))
    #expect(result.status.isSuccess)
    let pid = try #require(Int32(result.text.dropLast()))
    #expect(kill(pid, SIGKILL) == 0, "it was waited for, or killed")
  }

  @Test func cancellationEndsIt() async throws {
    let directory = try TemporaryDirectory()
    let file = directory.file("pid")
    let task = Task { try await shell(#"echo $$ > "$1"; sleep 1000"#, [file]) }
    #expect(await eventually { (try? directory.text("pid").hasSuffix("\n")) == true })
    task.cancel()
    #expect(try await task.value.status == .cancelled)
    #expect(await isGone(try #require(Int32(directory.text("pid").dropLast()))))
  }

  @Test func aCancelledTaskStartsNothing() async throws {
    let directory = try TemporaryDirectory()
    let file = directory.file("trace")
    let task = Task {
      try? await Task.sleep(for: .seconds(60))
      return try await shell(#": > "$1""#, [file])
    }
    task.cancel()
    #expect(try await task.value.status == .cancelled)
    #expect(try directory.names() == [])
  }

  @Test func itsSurroundingsAreSmall() async throws {
    let result = try await Processes.run(ProcessCommand(["env"], environment: ["EXTRA": "1"]))
    let names = result.text.split(separator: "\n").compactMap { $0.split(separator: "=").first }
    #expect(Set(names) == ["PATH", "LANG", "HOME", "EXTRA"])
  }

  @Test func itsSignalsAreFreshAndItLeadsItsGroup() async throws {
    let result = try await shell("grep -E '^Sig(Blk|Ign)' /proc/self/status; ps -o pgid= -p $$; echo $$")
    let words = result.text.split(whereSeparator: \.isWhitespace)
    #expect(words.prefix(3) == ["SigBlk:", "0000000000000000", "SigIgn:"])
    // glibc's posix_spawn leaves its own two signals, 32 and 33, ignored.
    #expect(UInt64(words[3], radix: 16).map { $0 & ~0x1_8000_0000 } == 0)
    #expect(words.suffix(2).first == words.last)
  }

  @Test func itInheritsNoDescriptor() async throws {
    let open = fcntl(STDERR_FILENO, F_DUPFD, 50)  // not close-on-exec
    defer { close(open) }
    let result = try await shell("ls /proc/$$/fd")
    #expect(result.text.split(separator: "\n") == ["0", "1", "2"])
  }

  @Test(arguments: [[], [""], ["/nonexistent"], ["no-such-program-anywhere"], ["/etc"], ["echo", "a\u{0}b"]])
  func whatCannotBeStartedSaysWhy(argv: [String]) async {
    let failure = await #expect(throws: Failure.self) { try await Processes.run(ProcessCommand(argv)) }
    #expect(failure?.persistence == .permanent)
  }

  /// All run at once although the pool has only as many threads as the machine has cores.
  @Test func waitingOccupiesNoThread() async throws {
    let directory = try TemporaryDirectory()
    let runs = (0..<40).map { number in
      let file = directory.file("\(number)")
      return Task { try await shell(#": > "$1"; exec sleep 1000"#, [file], timeout: .seconds(300)) }
    }
    #expect(try await eventually { try directory.names().count == runs.count })
    for run in runs { run.cancel() }
    for run in runs { #expect(try await run.value.status == .cancelled) }
  }

  @Test func noDescriptorIsLeftOpen() async throws {
    let result = try await Probe.run(["descriptors"])
    let counts = result.text.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
    // Dispatch opens a few of its own when it needs them; one for each of 120 runs would be a leak.
    #expect(counts.count == 2 && abs(counts[1] - counts[0]) < 10, "\(result.account)")
  }
}
