import ArgumentParser
import Glibc
import PhoenixCore
import PhoenixHost

/// The daemon's command line.
@main
struct Phoenixd: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "phoenixd", abstract: "Keeps a Proxmox homelab as its files say.",
    discussion: "It is run by its systemd unit, and takes its sockets from there.",
    version: PhoenixVersion.current)

  @OptionGroup var options: DaemonOptions

  static func main() async {
    // A client that goes while it is written to must not end the daemon.
    signal(SIGPIPE, SIG_IGN)
    // Until there is somebody to take it a nudge asks for what is about to happen anyway.
    signal(SIGHUP, SIG_IGN)
    await main(nil)
  }

  func run() async throws {
    let journal = JournalWriter(
      sink: .automatic(identifier: "phoenixd"), threshold: DaemonOptions.logThreshold)
    let status = await Daemon(options, journal: journal).run()
    _ = await journal.flush()
    throw ExitCode(status)
  }
}
