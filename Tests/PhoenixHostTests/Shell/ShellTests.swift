import PhoenixCore
import Testing

@testable import PhoenixHost

@Suite struct ShellTests {
  private static let configuration = ShellConfiguration(
    keyPath: "/run/credentials/phoenixd.service/phoenix_ssh-key",
    knownHostsPath: "/var/lib/phoenix/known hosts",
    controlDirectory: "/tmp/phoenix-test-control")
  private static let target = ShellTarget(address: "10.0.0.153", hostKeyAlias: "guest-101")

  private func shell(_ results: [ProcessResult], seen: Seen = Seen()) -> Shell {
    Shell(Self.configuration) { command throws(Failure) in seen.add(command, of: results) }
  }

  /// The commands that were run, answered from a list.
  private final class Seen: Sendable {
    private let commands = Lock<[ProcessCommand]>([])
    func add(_ command: ProcessCommand, of results: [ProcessResult]) -> ProcessResult {
      commands.withLock { commands in
        commands.append(command)
        return commands.count <= results.count
          ? results[commands.count - 1] : ProcessResult(status: .exited(0))
      }
    }
    var all: [ProcessCommand] { commands.withLock { $0 } }
  }

  @Test func sshAsksNothingReadsNoFilesAndTrustsOnlyThePin() async throws {
    let seen = Seen()
    _ = try await shell([], seen: seen).run(Self.target, argv: ["id"], stdin: [1, 2])
    let command = try #require(seen.all.first)
    #expect(command.argv.starts(with: ["ssh", "-F", "none", "-T"]))
    for option in [
      "BatchMode=yes", "StrictHostKeyChecking=yes", #"UserKnownHostsFile="/var/lib/phoenix/known hosts""#,
      "GlobalKnownHostsFile=/dev/null", "IdentitiesOnly=yes", "IdentityAgent=none",
      "HostKeyAlias=guest-101", "ControlMaster=auto", "ForwardAgent=no",
    ] {
      let place = command.argv.firstIndex(of: option).map { command.argv[$0 - 1] }
      #expect(place == "-o", "\(option)")
    }
    #expect(command.argv.suffix(7).prefix(6) == ["-l", "root", "-p", "22", "--", "10.0.0.153"])
    #expect(command.stdin == [1, 2])
  }

  @Test(arguments: [
    ("ssh: connect to host 10.0.0.153 port 22: Connection refused\r\n", Failure.Persistence.transient),
    ("ssh: connect to host 10.0.0.153 port 22: Connection timed out\r\n", .transient),
    ("ssh: connect to host 10.0.0.153 port 22: No route to host", .transient),
    ("kex_exchange_identification: Connection closed by remote host\r\n", .transient),
    ("Connection reset by 10.0.0.153 port 22", .transient),
    ("", .transient),
    ("root@10.0.0.153: Permission denied (publickey).\r\n", .permanent),
    (
      "No ED25519 host key is known for guest-101 and you have requested strict checking.\r\nHost key verification failed.\r\n",
      .permanent
    ),
    (
      "@@@@@@@@@@@@\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\n@@@@@@@@@@@@\nHost key verification failed.\n",
      .permanent
    ),
    ("Load key \"/x\": invalid format\r\nroot@h: Permission denied (publickey).\r\n", .permanent),
  ])
  func whatSshSaysDecidesWhetherToTryAgain(text: String, persistence: Failure.Persistence) async {
    let shell = shell([ProcessResult(status: .exited(255), stderr: Array(text.utf8))])
    let failure = await #expect(throws: Failure.self) { try await shell.run(Self.target, argv: ["id"]) }
    #expect(failure?.persistence == persistence)
    #expect(failure?.endpoint == "ssh://root@10.0.0.153")
    #expect(failure?.hint != nil && failure?.got.contains("\r") == false)
  }

  @Test func aBrokenConnectionIsNotUsedAgain() async throws {
    let seen = Seen()
    let shell = shell([ProcessResult(status: .timedOut)], seen: seen)
    let failure = await #expect(throws: Failure.self) { try await shell.run(Self.target, argv: ["id"]) }
    #expect(failure?.persistence == .transient)
    #expect(seen.all.count == 2)
    #expect(seen.all.last?.argv.starts(with: ["ssh", "-O", "exit"]) == true)
  }

  @Test(arguments: [0, 1, 124, 126, 127, 137, 254] as [Int32])
  func theCommandsOwnStatusIsAResult(code: Int32) async throws {
    let result = try await shell([ProcessResult(status: .exited(code))]).run(Self.target, argv: ["id"])
    #expect(result.status == .exited(code))
  }

  @Test(arguments: [
    ShellTarget(address: "-oProxyCommand=reboot"), ShellTarget(address: ""), ShellTarget(address: "a b"),
    ShellTarget(address: "10.0.0.1", user: "-l"), ShellTarget(address: "10.0.0.1", user: "a;b"),
    ShellTarget(address: "10.0.0.1", port: 0), ShellTarget(address: "10.0.0.1", port: 70_000),
    ShellTarget(address: "10.0.0.1", hostKeyAlias: "a b"),
  ])
  func aTargetThatSshCouldMisreadIsRefused(target: ShellTarget) async {
    let seen = Seen()
    let shell = shell([], seen: seen)
    let failure = await #expect(throws: Failure.self) { try await shell.run(target, argv: ["id"]) }
    #expect(failure?.persistence == .permanent)
    #expect(seen.all.isEmpty)
  }

  @Test func aDirectoryTooLongForSocketsMeansNoSharing() {
    let long = ShellConfiguration(
      keyPath: "/k", knownHostsPath: "/h", controlDirectory: "/tmp/" + String(repeating: "d", count: 90))
    #expect(long.controlPath(for: Self.target) == nil)
    #expect(long.arguments(for: Self.target).contains("ControlMaster=no"))
  }

  @Test(arguments: [
    ("/etc/nginx/nginx.conf", true), ("/", false), ("", false), ("etc/x", false), ("/a/../b", false),
    ("/a/./b", false), ("/a//b", false), ("/a/", false), ("/a\nb", false), ("/a\u{0}b", false),
    ("/a/..b", true), ("/ü ü", true), ("/" + String(repeating: "a", count: 4001), false),
  ])
  func pathsAreAbsoluteAndPlain(path: String, good: Bool) {
    if good {
      #expect(throws: Never.self) { try RemotePath.check(path) }
    } else {
      #expect(throws: Failure.self) { try RemotePath.check(path) }
    }
  }
}
