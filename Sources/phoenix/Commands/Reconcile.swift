import ArgumentParser
import PhoenixCore
import PhoenixEngine

struct Reconcile: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reconcile",
    abstract: "Let phoenixd look at everything now, and mend what policy allows.")

  @OptionGroup var global: GlobalOptions

  @Flag(help: "Wait until it is done, and tell how it went.")
  var wait = false

  @Flag(help: "Show the plan, and change nothing.")
  var dryRun = false

  func run() async throws {
    if dryRun {
      return try await RunCommand(global: global, path: "/v1/apply", purpose: "reconcile")
        .run(ApplyOrder(isDryRun: true), [])
    }
    if wait || global.standalone {
      let command = RunCommand(
        global: global, path: "/v1/reconcile", purpose: "reconcile", wantsHeld: false)
      return try await command.run(WaitOrder(wait: true), [])
    }
    let answer: [String: Bool] = try await global.withChannel("reconcile") { channel in
      try await channel.ask(.order("/v1/reconcile", WaitOrder(wait: false)))
    }
    global.write(answer) { _ in "phoenixd looks at everything now; `phoenix status` shows what it found.\n" }
  }
}
