import ArgumentParser
import PhoenixCore
import PhoenixEngine

/// The guests that a command is about.
struct GuestArguments: ParsableArguments {
  @Argument(
    help: ArgumentHelp("Numbers of guests, in any order.", valueName: "id"),
    transform: { text in
      guard TextFormat.guestID.accepts(text), let id = Int(text) else {
        throw ValidationError("'\(text)' is no number of a guest, such as 103")
      }
      return id
    })
  var ids: [Int]

  /// As targets.
  var names: [String] { ids.map { "\($0)" } }
}

struct Create: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create", abstract: "Make guests, with what they depend on, and let them run.",
    discussion: """
      Guests are cloned from what the files say, set up as the files say, and started, each after those that it depends \
      on. What is there is left as it is, but for what differs. One that was there before and is gone is made anew with \
      --allow destructive only: what it held is lost.
      """)

  @OptionGroup var global: GlobalOptions
  @OptionGroup var guests: GuestArguments
  @OptionGroup var allowed: AllowOption
  @OptionGroup var question: DryRunOption

  func run() async throws {
    guard !question.dryRun else {
      return try await global.converge("create", guests.names, allowed, question)
    }
    // Takes back that somebody wanted them stopped or deleted.
    let declared = try await global.status("create")
    let resources = guests.names.compactMap { declared.guest($0)?.resource.description }
    try await global.keep(.start, for: resources, "create")
    try await global.converge("create", guests.names, allowed, question)
    let status: StatusReport = try await global.withChannel("create") { channel in
      try await channel.ask(.question("/v1/status"))
    }
    let missing = guests.names.compactMap { status.guest($0) }.filter { $0.state != .inSync }
    guard let first = missing.first else { return }
    throw CommandError(
      ErrorReport(
        doing: "create \(first.resource.name)", got: first.detail ?? first.state.rawValue,
        hint: "`phoenix explain \(first.resource)` says more"), status: ExitStatus.failed)
  }
}

struct Converge: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "converge", abstract: "Bring guests in line with the files, with all that belongs to them.")

  @OptionGroup var global: GlobalOptions
  @OptionGroup var guests: GuestArguments
  @OptionGroup var allowed: AllowOption
  @OptionGroup var question: DryRunOption

  func run() async throws { try await global.converge("converge", guests.names, allowed, question) }
}

struct Up: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "up", abstract: "Bring everything in line with the files.", aliases: ["LetsGo"])

  @OptionGroup var global: GlobalOptions
  @OptionGroup var allowed: AllowOption
  @OptionGroup var question: DryRunOption

  func run() async throws { try await global.converge("up", [], allowed, question) }
}

extension GlobalOptions {
  fileprivate func converge(
    _ purpose: String, _ names: [String], _ allowed: AllowOption, _ question: DryRunOption
  ) async throws {
    try await RunCommand(global: self, path: "/v1/apply", purpose: purpose).run(
      ApplyOrder(targets: names, allow: allowed.risks, isDryRun: question.dryRun),
      names.compactMap { Target($0) })
  }
}
