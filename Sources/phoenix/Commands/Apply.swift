import ArgumentParser
import PhoenixCore
import PhoenixEngine

struct Apply: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply",
    abstract: "Carry out what the plan shows.",
    discussion: "Ctrl-C leaves the run to phoenixd; `phoenix apply --cancel` stops it.")

  @OptionGroup var global: GlobalOptions
  @OptionGroup var targets: TargetArguments
  @OptionGroup var allowed: AllowOption
  @OptionGroup var question: DryRunOption

  @Option(help: ArgumentHelp("Carry out a saved plan, if the world still matches it.", valueName: "file"))
  var plan: String?

  @Flag(help: "Stop the run that is under way.")
  var cancel = false

  func validate() throws {
    if plan != nil && !targets.names.isEmpty {
      throw ValidationError("A saved plan has its own targets: leave out the targets, or --plan.")
    }
  }

  func run() async throws {
    if cancel { return try await cancelRun() }
    var order = ApplyOrder(targets: targets.names, allow: allowed.risks, isDryRun: question.dryRun)
    if let plan {
      let saved = try SavedPlan(path: plan)
      order.targets = saved.order.targets
      order.digest = saved.plan.digest
      order.allow = Array(Set(saved.order.allow ?? []).union(allowed.risks)).sorted()
    }
    try await RunCommand(global: global, path: "/v1/apply", purpose: "apply").run(order, targets.targets)
  }

  private func cancelRun() async throws {
    let answer: [String: String] = try await global.withChannel("apply --cancel") { channel in
      try await channel.ask(.order("/v1/cancel", CancelOrder()))
    }
    global.write(answer) { _ in "The run \(answer["run"] ?? "") is being stopped.\n" }
  }
}
