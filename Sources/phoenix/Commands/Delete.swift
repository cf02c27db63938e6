import ArgumentParser
import PhoenixCore
import PhoenixEngine

struct Delete: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "delete", abstract: "Delete guests, with their disks.",
    discussion: """
      Without --allow destructive it shows what would go, and changes nothing. A guest that was deleted is not made anew, \
      though the files declare it, until `phoenix create`.
      """)

  @OptionGroup var global: GlobalOptions
  @OptionGroup var guests: GuestArguments
  @OptionGroup var allowed: AllowOption
  @OptionGroup var question: DryRunOption

  private var isMeant: Bool { allowed.risks.contains(.destructive) && !question.dryRun }

  func run() async throws {
    let resources = try await wanted()
    guard isMeant else { return try await show(resources) }
    try await global.keep(.delete, for: resources, "delete")
    try await RunCommand(global: global, path: "/v1/apply", purpose: "delete").run(
      ApplyOrder(targets: resources, allow: allowed.risks), resources.compactMap { Target($0) })
  }

  /// The configurations of the guests: container or machine, as they are declared.
  private func wanted() async throws -> [String] {
    let status = try await global.status("delete")
    return try guests.names.map { name in
      guard let report = status.guest(name)
      else {
        throw CommandError(
          ErrorReport(
            doing: "delete \(name)", got: "no guest of this number is declared",
            hint: "`phoenix status proxmox` lists them; Phoenix deletes nothing that is not its own"),
          status: ExitStatus.usage)
      }
      return report.resource.description
    }
  }

  /// What would go, by way of a wish that is taken back: without the word for it nothing acts on it.
  private func show(_ resources: [String]) async throws {
    try await global.keep(.delete, for: resources, "delete")
    let plan: Result<PlanReport, any Error>
    do {
      plan = .success(
        try await global.withChannel("delete") { channel in
          try await channel.ask(.order("/v1/plan", PlanOrder(targets: resources, allow: allowed.risks)))
        })
    } catch {
      plan = .failure(error)
    }
    try await global.keep(.keep, for: resources, "delete")
    let shown = try plan.get()
    global.write(shown) { PlanText.render(shown, style: $0) }
    guard !question.dryRun else { return }
    throw CommandError(
      ErrorReport(
        doing: "delete \(guests.names.joined(separator: ", "))",
        got: "nothing is deleted without the word for it",
        hint: "add --allow destructive"), status: ExitStatus.failed)
  }
}
