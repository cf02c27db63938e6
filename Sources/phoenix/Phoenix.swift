import ArgumentParser
import Glibc
import PhoenixCore

/// The command.
@main
struct Phoenix: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "phoenix", abstract: "Keep a Proxmox homelab as its files say.",
    discussion: """
      Phoenix works in the background: phoenixd looks at the systems, compares them with the files in /etc/phoenix, \
      and mends what policy allows. This command asks and tells it.
      """,
    version: "phoenix \(PhoenixVersion.current)",
    // Each names itself: what ArgumentParser makes of a type's name costs two milliseconds of every start.
    groupedSubcommands: [
      CommandGroup(
        name: "Looking",
        subcommands: [
          Validate.self, Plan.self, Status.self, Explain.self, History.self, Graph.self,
        ]),
      CommandGroup(
        name: "Guests",
        subcommands: [Create.self, Converge.self, Delete.self, Start.self, Stop.self, Restart.self, Up.self]),
      CommandGroup(
        name: "Changing", subcommands: [Apply.self, Sync.self, Reconcile.self, Reload.self, Certificate.self]),
      CommandGroup(name: "Leaving alone", subcommands: [Suspend.self, Resume.self, Pause.self]),
      CommandGroup(name: "About Phoenix", subcommands: [Version.self]),
    ])

  static func main() async {
    // A reader of the output that goes ends the command by the write that fails, not by a signal.
    signal(SIGPIPE, SIG_IGN)
    do {
      let command = try parseAsRoot(GlobalOptions.moved(CommandLine.arguments.dropFirst()))
      guard var command = command as? any AsyncParsableCommand else {
        var plain = command
        return try plain.run()
      }
      try await command.run()
      StandaloneGround.leave()
    } catch let error as CommandError {
      StandaloneGround.leave()
      Terminal.tell(error.text)
      Glibc.exit(error.status)
    } catch {
      StandaloneGround.leave()
      exit(withError: error)
    }
  }
}
