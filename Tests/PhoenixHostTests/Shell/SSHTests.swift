import FoundationEssentials
import Glibc
import PhoenixCore
import PhoenixHost
import Testing

/// The channel over a real sshd.
@Suite(.enabled(if: SSHServer.isPossible), .timeLimit(.minutes(2))) struct SSHTests {
  @Test func commandsRunWithTheirInputAndStatus() async throws {
    let server = try await SSHServer()
    let shell = server.shell()
    let input = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 13) }
    let echo = try await shell.run(server.target, argv: ["cat"], stdin: input)
    #expect(echo.status.isSuccess && echo.stdout == input)
    let words = ["it's", "a\nb", "$HOME", "", "ü"]
    let said = try await shell.run(server.target, argv: ["printf", "%s|"] + words)
    #expect(said.text == words.map { "\($0)|" }.joined())
    for (own, told) in [(0, 0), (7, 7), (255, 254)] as [(Int32, Int32)] {
      let result = try await shell.run(server.target, argv: ["sh", "-c", "exit \(own)"])
      #expect(result.status == .exited(told))
    }
    await shell.disconnect(server.target)
  }

  @Test func oneConnectionServesManyCommands() async throws {
    let server = try await SSHServer()
    let shell = server.shell()
    let report = ["sh", "-c", "echo $SSH_CONNECTION"]
    let first = try await shell.run(server.target, argv: report)
    let second = try await shell.run(server.target, argv: report)
    #expect(first.text == second.text && !first.text.isEmpty)
    await shell.disconnect(server.target)
    let third = try await shell.run(server.target, argv: report)
    #expect(first.text != third.text)
    await shell.disconnect(server.target)
  }

  @Test func allConnectionsOfADirectoryEndTogether() async throws {
    let server = try await SSHServer()
    let shell = server.shell()
    let report = ["sh", "-c", "echo $SSH_CONNECTION"]
    let first = try await shell.run(server.target, argv: report)
    let sockets = server.directory.file("c")
    await Shell.endConnections(in: sockets)
    #expect(await eventually { (try? FileManager.default.contentsOfDirectory(atPath: sockets)) == [] })
    let second = try await shell.run(server.target, argv: report)
    #expect(first.text != second.text && !first.text.isEmpty)
    await Shell.endConnections(in: sockets)
    await Shell.endConnections(in: server.directory.file("missing"))
  }

  @Test(arguments: [
    ("client", "wrong_hosts"), ("client", "no_hosts"), ("stranger", "known_hosts"),
    ("missing", "known_hosts"),
  ])
  func whatIsNotTrustedIsRefusedForGood(key: String, hosts: String) async throws {
    let server = try await SSHServer()
    let failure = await #expect(throws: Failure.self) {
      try await server.shell(key: key, hosts: hosts).run(server.target, argv: ["id"])
    }
    #expect(failure?.persistence == .permanent, "\(String(describing: failure))")
    #expect(failure?.hint != nil)
  }

  @Test func aCommandIsEndedOnTheGuestWhenItsTimeIsOver() async throws {
    let server = try await SSHServer()
    let shell = server.shell()
    let file = server.directory.file("pid")
    let script = #"echo $$ > "$1"; sleep 1000"#
    let result = try await shell.run(
      server.target, argv: ["sh", "-c", script, "sh", file], timeout: .seconds(1))
    #expect(result.status == .timedOut)
    let pid = try #require(Int32(server.directory.text("pid").dropLast()))
    #expect(await eventually { kill(pid, 0) != 0 })
    await shell.disconnect(server.target)
  }

  @Test func aServerThatGoesAndComesBackIsReachedAgain() async throws {
    let server = try await SSHServer()
    let shell = server.shell()
    #expect(try await shell.run(server.target, argv: ["true"]).status.isSuccess)
    await shell.disconnect(server.target)
    await server.stop()
    let failure = await #expect(throws: Failure.self) { try await shell.run(server.target, argv: ["true"]) }
    #expect(failure?.persistence == .transient, "\(String(describing: failure))")
    let again = try await SSHServer()
    #expect(try await again.shell().run(again.target, argv: ["true"]).status.isSuccess)
    await again.shell().disconnect(again.target)
  }

  /// The connection is cut while a command runs over it: the next one makes a new one.
  @Test func aCutConnectionIsReplaced() async throws {
    let server = try await SSHServer()
    let shell = server.shell()
    // The session's own server process is the parent of the command's shell.
    let cut = ["sh", "-c", "kill -9 $(ps -o ppid= -p $(ps -o ppid= -p $PPID))"]
    _ = try? await shell.run(server.target, argv: cut, timeout: .seconds(5))
    let result = await eventually {
      (try? await shell.run(server.target, argv: ["true"]).status.isSuccess) == true
    }
    #expect(result)
    await shell.disconnect(server.target)
  }

  @Test func aCancelledCommandReturnsAtOnce() async throws {
    let server = try await SSHServer()
    let shell = server.shell()
    let target = server.target
    let task = Task { try await shell.run(target, argv: ["sleep", "60"]) }
    try await Task.sleep(for: .milliseconds(500))
    let started = ContinuousClock.now
    task.cancel()
    #expect(try await task.value.status == .cancelled)
    #expect(ContinuousClock.now - started < .seconds(10))
    await shell.disconnect(target)
  }

  @Test func filesAreDeliveredAndSeen() async throws {
    let server = try await SSHServer()
    let shell = server.shell()
    let base = server.directory.file("certs/nginx")
    let files = [
      DeliveredFile("cert.pem", mode: 0o644, .bytes(Array("certificate".utf8))),
      DeliveredFile("key.pem", mode: 0o600, .secret(Secret("key"))),
    ]
    let delivery = Delivery(base: base, generation: "g1", files: files)
    #expect(try await shell.deliver(delivery, to: server.target).switched)
    let paths = ["\(base)/current", "\(base)/current/key.pem", "\(base)/current/none"]
    let found = try await shell.observeFiles(paths.map { FileQuery($0) }, on: server.target)
    #expect(found[paths[0]]?.value?.kind == .symbolicLink(target: "generations/g1"))
    #expect(found[paths[1]]?.value?.sha256 == SHA256.hexDigest(of: Array("key".utf8)))
    #expect(found[paths[1]]?.value?.mode == 0o600)
    #expect(found[paths[2]] == .absent)
    await shell.disconnect(server.target)
  }
}
