import PhoenixCore
import PhoenixHost

/// A guest that is this machine: the remote string goes to a local shell, as sshd would hand it over.
enum LocalGuest {
  static let target = ShellTarget(address: "127.0.0.1")

  static func shell(
    change: @escaping @Sendable (inout ProcessCommand) -> Void = { _ in }
  ) -> Shell {
    let configuration = ShellConfiguration(
      keyPath: "/nonexistent", knownHostsPath: "/nonexistent", controlDirectory: "/tmp/phoenix-test-control")
    return Shell(configuration) { command throws(Failure) in
      guard let line = command.argv.last, command.argv.dropFirst().first != "-O" else {
        return ProcessResult(status: .exited(0))
      }
      var local = ProcessCommand(
        ["/bin/sh", "-c", line], stdin: command.stdin, timeout: command.timeout, grace: .zero,
        outputLimit: command.outputLimit)
      change(&local)
      return try await Processes.run(local)
    }
  }
}
