import ArgumentParser
import PhoenixCore
import PhoenixEngine

struct Reconcile: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reconcile",
    abstract: "Let phoenixd look at everything now, and mend what policy or --allow allows.")

  @OptionGroup var global: GlobalOptions
  @OptionGroup var allowed: AllowOption
  @OptionGroup var question: DryRunOption

  @Flag(help: "Wait until it is done, and tell how it went.")
  var wait = false

  func run() async throws {
    if question.dryRun { return try await global.showPlan("reconcile", allow: allowed.risks) }
    if wait || global.standalone {
      let command = RunCommand(
        global: global, path: "/v1/reconcile", purpose: "reconcile", wantsHeld: false)
      return try await command.run(ReconcileOrder(wait: true, allow: allowed.risks), [])
    }
    let answer: [String: Bool] = try await global.withChannel("reconcile") { channel in
      try await channel.ask(.order("/v1/reconcile", ReconcileOrder(wait: false, allow: allowed.risks)))
    }
    global.write(answer) { _ in "phoenixd looks at everything now; `phoenix status` shows what it found.\n" }
  }
}
