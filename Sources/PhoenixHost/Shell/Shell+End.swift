import FoundationEssentials
import PhoenixCore

extension Shell {
  /// Ends all shared connections of a directory, so that none has to be killed after phoenixd has ended. One that does
  /// not heed that is left to the service manager.
  ///
  /// - Parameters:
  ///   - directory: Where their sockets live.
  ///   - runner: Runs `ssh`.
  public static func endConnections(in directory: String, runner: @escaping Runner = Processes.run) async {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    await withTaskGroup { group in
      for name in names {
        group.addTask {
          // ssh wants a host, and asks none.
          let argv = [
            "ssh", "-F", "none", "-o", "ControlPath=\(ShellConfiguration.quoted("\(directory)/\(name)"))",
            "-O", "exit",
            "--", "none",
          ]
          _ = try? await runner(ProcessCommand(argv, timeout: .seconds(2), grace: .seconds(1)))
        }
      }
    }
  }
}
