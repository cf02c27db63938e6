import ArgumentParser
import PhoenixCore
import PhoenixEngine

struct Suspend: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "suspend", abstract: "Leave a resource alone.")

  @OptionGroup var global: GlobalOptions
  @OptionGroup var question: DryRunOption

  @Argument(help: ArgumentHelp("system/kind/name.", valueName: "resource"))
  var resource: String

  @Option(
    name: .customLong("for"),
    help: ArgumentHelp("How long, such as 2h; until resumed unless told.", valueName: "time"),
    transform: { text in
      guard let duration = Duration(configurationText: text), duration >= .seconds(1) else {
        throw ValidationError("'\(text)' is no time such as 30m or 2h")
      }
      return duration.components.seconds
    })
  var seconds: Int64?

  func validate() throws { try refuseWhatIsNoResource(resource) }

  func run() async throws {
    if question.dryRun {
      Terminal.tell("phoenix: \(resource) would be left alone; this is to be done about it now\n")
      return try await global.showPlan("suspend", [resource])
    }
    let order = SuspendOrder(resource: resource, seconds: seconds)
    let answer: [String: String?] = try await global.withChannel("suspend") { channel in
      try await channel.ask(.order("/v1/suspend", order))
    }
    let until = (answer["until"] ?? nil).map { "until \($0)" } ?? "until `phoenix resume \(resource)`"
    global.write(answer) { _ in "\(resource) is left alone \(until).\n" }
  }
}

struct Resume: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "Keep a resource, or everything, again.")

  @OptionGroup var global: GlobalOptions
  @OptionGroup var question: DryRunOption

  @Argument(help: ArgumentHelp("system/kind/name, or all.", valueName: "resource"))
  var resource: String

  private var isAll: Bool { resource == "all" }

  func validate() throws { if !isAll { try refuseWhatIsNoResource(resource) } }

  func run() async throws {
    if question.dryRun {
      Terminal.tell(
        "phoenix: \(isAll ? "everything" : resource) would be kept again; this is to be done about it now\n")
      return try await global.showPlan("resume", isAll ? [] : [resource])
    }
    let answer: ResumeAnswer = try await global.withChannel("resume") { channel in
      try await channel.ask(.order("/v1/resume", ResourceOrder(resource: resource)))
    }
    global.write(answer) { _ in
      if isAll { return "Phoenix keeps everything again, also what was suspended by itself.\n" }
      return answer.isPaused
        ? "\(resource) is not suspended any more, but everything is paused until `phoenix resume all`.\n"
        : "Phoenix keeps \(resource) again.\n"
    }
  }
}

struct Pause: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pause",
    abstract: "Leave everything alone; `phoenix resume all` ends that.")

  @OptionGroup var global: GlobalOptions
  @OptionGroup var question: DryRunOption

  func run() async throws {
    if question.dryRun {
      Terminal.tell("phoenix: everything would be left alone; this is to be done now\n")
      return try await global.showPlan("pause")
    }
    let answer: [String: Bool] = try await global.withChannel("pause") { channel in
      try await channel.ask(.order("/v1/pause", [String: String]()))
    }
    global.write(answer) { _ in "Everything is paused: Phoenix looks, and changes nothing.\n" }
  }
}
