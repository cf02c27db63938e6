import PhoenixCore
import PhoenixHost

/// A guest that is this machine: what ssh would hand to sshd goes to a local shell, so the scripts are the real
/// ones. Programs below `bin` go before the machine's own.
final class LocalGuest: Sendable {
  let login = GuestLogin(guest: 101, name: "Nginx-Phoenix", address: "127.0.0.1", user: "root")
  let directory: TemporaryDirectory
  /// What may be done to each command before it runs; throw to cut the connection.
  let fault = Lock<(@Sendable (inout ProcessCommand) throws(Failure) -> Void)?>(nil)
  private let log = Lock<[String]>([])

  /// The commands so far, as the guest's shell got them.
  var commands: [String] { log.withLock { $0 } }

  init() throws {
    directory = try TemporaryDirectory()
    try directory.make("bin")
  }

  var shell: Shell {
    let configuration = ShellConfiguration(
      keyPath: "/nonexistent", knownHostsPath: "/nonexistent",
      controlDirectory: "/tmp/phoenix-test-control")
    return Shell(configuration) { command throws(Failure) in
      guard let line = command.argv.last, command.argv.dropFirst().first != "-O" else {
        return ProcessResult(status: .exited(0))
      }
      self.log.withLock { $0.append(line) }
      var local = ProcessCommand(
        ["/bin/sh", "-c", line], stdin: command.stdin,
        environment: ["PATH": "\(self.directory.path)/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
        timeout: command.timeout, grace: .zero, outputLimit: command.outputLimit)
      let change = self.fault.withLock { $0 }
      try change?(&local)
      return try await Processes.run(local)
    }
  }

  /// Puts a program into the guest.
  func install(_ name: String, _ script: String) throws {
    try directory.write("#!/bin/sh\n" + script, to: "bin/\(name)", mode: 0o755)
  }
}
