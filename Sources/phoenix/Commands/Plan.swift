import ArgumentParser
import PhoenixCore
import PhoenixEngine

struct Plan: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Show what would change, field by field, and change nothing.")

  @OptionGroup var global: GlobalOptions
  @OptionGroup var targets: TargetArguments
  @OptionGroup var allowed: AllowOption

  @Flag(help: "Exit with 2 when there are changes.")
  var detailedExitcode = false

  @Option(help: ArgumentHelp("Save the plan, for `phoenix apply --plan`.", valueName: "file"))
  var out: String?

  func run() async throws {
    let file = try out.map { path throws(CommandError) in
      try PlanFile(path, standalone: global.standalone)
    }
    let order = PlanOrder(targets: targets.names, allow: allowed.risks)
    let plan: PlanReport = try await global.withChannel("plan") { channel in
      try await channel.ask(.order("/v1/plan", order))
    }
    try file?.write(SavedPlan(plan, order).bytes)
    global.write(plan) { PlanText.render(plan, style: $0) }
    if plan.isUnreadable(targets.targets) { throw CommandError(status: ExitStatus.unreachable) }
    if detailedExitcode && !plan.changes.isEmpty { throw CommandError(status: ExitStatus.changes) }
  }
}

extension PlanReport {
  /// Whether a system could not be read that a command is about.
  func isUnreadable(_ targets: [Target]) -> Bool { systems.isUnreadable(targets) }
}

extension [SystemReport] {
  /// Whether a system could not be read that a command is about; a vmid may be about any of them.
  func isUnreadable(_ targets: [Target]) -> Bool {
    let named = targets.contains { $0.system == nil } ? [] : targets.compactMap(\.system)
    return contains { $0.state == .unreadable && (named.isEmpty || named.contains($0.system)) }
  }
}
