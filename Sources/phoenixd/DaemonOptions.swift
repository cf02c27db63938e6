import ArgumentParser
import Glibc
import PhoenixHost

/// Where the daemon finds its things. What the unit sets in the environment counts unless an option says otherwise.
struct DaemonOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The users' files.", valueName: "dir"))
  var config = "/etc/phoenix"

  @Option(
    help: ArgumentHelp("What must survive (default: $STATE_DIRECTORY or /var/lib/phoenix).", valueName: "dir")
  )
  var state: String?

  @Option(
    help: ArgumentHelp(
      "The secrets (default: $CREDENTIALS_DIRECTORY or /etc/phoenix/credentials).", valueName: "dir"))
  var credentials: String?

  @Option(
    help: ArgumentHelp(
      "What must not survive (default: $RUNTIME_DIRECTORY or /run/phoenixd).", valueName: "dir"))
  var runtime: String?

  @Option(help: ArgumentHelp("Listen here for administrators, besides systemd's sockets.", valueName: "path"))
  var adminSocket: String?

  @Option(help: ArgumentHelp("Listen here for everybody, besides systemd's sockets.", valueName: "path"))
  var statusSocket: String?

  var stateDirectory: String { state ?? Self.environment("STATE_DIRECTORY") ?? "/var/lib/phoenix" }

  var runtimeDirectory: String { runtime ?? Self.environment("RUNTIME_DIRECTORY") ?? "/run/phoenixd" }

  /// The least urgent lines that are written: $PHOENIX_LOG_LEVEL, else info.
  static var logThreshold: JournalPriority {
    let word = environment("PHOENIX_LOG_LEVEL")
    return JournalPriority.allCases.first { $0.word == word } ?? .info
  }

  /// A variable that the unit sets; systemd writes several directories with colons between them.
  private static func environment(_ name: String) -> String? {
    guard let value = getenv(name) else { return nil }
    return String(cString: value).split(separator: ":").first.map(String.init)
  }
}
