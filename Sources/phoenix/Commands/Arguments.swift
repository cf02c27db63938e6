import ArgumentParser
import PhoenixCore

/// What a verb is about.
struct TargetArguments: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "A vmid, a system, system/kind/name or a beginning of it; none for everything.", valueName: "target"))
  var names: [String] = []

  /// Those that make sense; the daemon tells of the others.
  var targets: [Target] { names.compactMap { Target($0) } }
}

/// The question what would be done.
struct DryRunOption: ParsableArguments {
  @Flag(help: "Show the plan, and change nothing.")
  var dryRun = false
}

/// The operator's word for more than safe changes.
struct AllowOption: ParsableArguments {
  @Option(
    help: ArgumentHelp("Allow more than safe changes: disruptive, destructive.", valueName: "risks"),
    transform: { text in
      try text.split(separator: ",", omittingEmptySubsequences: false).map { word in
        guard let risk = Risk(rawValue: String(word)) else {
          throw ValidationError("'\(word)' is none of safe, disruptive, destructive")
        }
        return risk
      }
    })
  var allow: [Risk] = []

  /// The risks allowed; what is worse allows what is less.
  var risks: [Risk] {
    guard let worst = allow.max() else { return [] }
    return Risk.allCases.filter { $0 <= worst }
  }
}

func refuseWhatIsNoResource(_ text: String) throws {
  if ResourceID(parsing: text) == nil {
    throw ValidationError("\(text.quotedForPeople) is no resource: write system/kind/name.")
  }
}
