import ArgumentParser

/// What every verb takes.
struct GlobalOptions: ParsableArguments {
  /// When text is coloured.
  enum Colour: String, ExpressibleByArgument, CaseIterable {
    case auto, always, never
  }

  /// Where phoenixd keeps its state.
  static let usualState = "/var/lib/phoenix"

  @Option(help: ArgumentHelp("The users' files.", valueName: "dir"))
  var config = "/etc/phoenix"

  @Option(
    help: ArgumentHelp(
      "The secrets (default: $CREDENTIALS_DIRECTORY or /etc/phoenix/credentials).", valueName: "dir"))
  var credentials: String?

  @Option(help: ArgumentHelp("What Phoenix remembers.", valueName: "dir"))
  var state = GlobalOptions.usualState

  @Option(help: ArgumentHelp("The daemon's socket.", valueName: "path"))
  var socket = "/run/phoenix/admin.sock"

  @Flag(help: "Do it in this process, without the daemon; not while the daemon runs.")
  var standalone = false

  @Flag(help: "Write the result as JSON.")
  var json = false

  @Option(help: ArgumentHelp("When to colour text.", valueName: "auto|always|never"))
  var color = Colour.auto

  private static let values: Set<String> = ["--config", "--credentials", "--state", "--socket", "--color"]
  private static let flags: Set<String> = ["--standalone", "--json"]

  /// The arguments with the global options that stand before the verb moved behind it, where they are declared.
  static func moved(_ arguments: ArraySlice<String>) -> [String] {
    var rest = arguments
    var moved = options(from: &rest)
    guard let verb = rest.popFirst() else { return moved }
    // The verbs below `certificate` declare them, and it does not.
    guard verb == "certificate" else { return [verb] + moved + rest }
    moved += options(from: &rest)
    guard let word = rest.popFirst() else { return [verb] + moved }
    return [verb, word] + moved + rest
  }

  /// Takes the global options off the front.
  private static func options(from rest: inout ArraySlice<String>) -> [String] {
    var options: [String] = []
    while let first = rest.first {
      let name = String(first.prefix { $0 != "=" })
      if flags.contains(first) || (values.contains(name) && name != first) {
        options.append(rest.removeFirst())
      } else if values.contains(first), rest.count > 1 {
        options += [rest.removeFirst(), rest.removeFirst()]
      } else {
        break
      }
    }
    return options
  }
}
